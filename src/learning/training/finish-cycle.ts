import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'
import { mergeModels } from '../models/merge-models.ts'
import type { ModelContent } from '../models/model-set.ts'
import type { LearningCycle } from './cycle.ts'
import { hasEnoughSessions } from './transformer-training.ts'

export const TOO_LITTLE_DATA =
  'Too few of the collected events were normal, so the current models stay. If the flagged events are normal by now, ' +
  'report them as false positives (oddline verdicts) or train on them (oddline train).'

/** What follows from a training cycle. */
export interface FinishedCycle {
  /** The models in use, merged with the new forest; without a transformer. */
  readonly content: ModelContent
  /** Training set of the transformer. */
  readonly sessions: CollectedSessions
  /**
   * `train-transformer`: the transformer is next. `forest-only`: the models are complete without one. `too-little-data`:
   * the new models would be worse than those in use, so they are discarded.
   */
  readonly outcome: 'train-transformer' | 'forest-only' | 'too-little-data'
}

/**
 * Fits the forest and decides what follows.
 * @param collected events of the cycle
 * @param usesTransformer whether the configuration switches the transformer on
 */
export async function finishCycle(
  cycle: LearningCycle,
  inUse: ModelContent | undefined,
  collected: number,
  usesTransformer: boolean,
): Promise<FinishedCycle> {
  const result = await cycle.finish()
  const { sessions } = result
  const content = mergeModels(inUse, result, collected)
  const trainable = usesTransformer && hasEnoughSessions(sessions)
  const losesTransformer = inUse?.transformer !== undefined && usesTransformer && !trainable
  if (inUse && (content.forest === inUse.forest || losesTransformer)) {
    return { content, sessions, outcome: 'too-little-data' }
  }
  return { content, sessions, outcome: trainable ? 'train-transformer' : 'forest-only' }
}
