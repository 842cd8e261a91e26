import type { TrainingProgress } from '../../core/documents/training.ts'
import { KINDS, type Kind } from '../../detectors/isolation-forest/model.ts'
import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'
import type { TrainingResult } from '../../detectors/transformer/training/trainer.ts'
import type { TrainingOptions } from '../../detectors/transformer/training/training-options.ts'
import { UNK, type Vocabulary } from '../../detectors/transformer/vocabulary.ts'
import { calibrate } from '../../ensemble/calibrate.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import type { CalibratedTransformer } from '../models/model-set.ts'

/** The softmax's cost is linear in this; rarer templates are one unknown token. */
const MAX_VOCABULARY = 2048
const MAX_TOKENS = 3_000_000
/** Fewer sessions than this are no language to learn. */
const MIN_SEQUENCES = 20
/** Fewer held-out scores than this are no distribution. */
const MIN_CALIBRATION = 50

/** Trains on sequences: in a thread of its own (`trainInWorker`), or in the calling one (`trainTransformer`). */
export type SequenceTraining = (
  sequences: readonly Int32Array[],
  vocabularySize: number,
  options: TrainingOptions,
) => Promise<TrainingResult>

export interface TransformerTraining {
  readonly train: SequenceTraining
  readonly seed: number
  readonly deadlineMs: number
  readonly signal: AbortSignal
  onProgress(progress: TrainingProgress): void
}

/** Whether there are enough sessions to learn a language from. */
export function teachable({ sequences }: CollectedSessions): boolean {
  return sequences.length >= MIN_SEQUENCES
}

/**
 * Trains the transformer, then calibrates it on the sessions that were held out.
 * @throws the reason of the signal when it aborts
 */
export async function trainCalibrated(
  { sequences, complete }: CollectedSessions,
  kindOf: (template: number) => Kind | undefined,
  { train, ...options }: TransformerTraining,
): Promise<CalibratedTransformer> {
  const training = { ...options, complete, maxTokens: MAX_TOKENS }
  const { model, heldOut } = await train(sequences, MAX_VOCABULARY, training)
  const { SequenceScorer } = await import('../../detectors/transformer/scoring/scorer.ts')
  const scorer = await SequenceScorer.open(model)
  try {
    const sessions = heldOut.map((i) => sequences[i])
    const scores = await scorer.scoreSessions(sessions)
    // The last score of a session is that of its end, which is no event.
    const calibrations: { [K in Kind]?: Calibration } = {}
    for (const kind of KINDS) {
      const normal = sessions.flatMap((templates, i) => [
        ...scores[i].subarray(0, -1).filter((_, at) => kindOf(templates[at]) === kind),
      ])
      if (normal.length >= MIN_CALIBRATION) calibrations[kind] = calibrate(normal)
    }
    const unknown = unknownShares(sessions, model.vocabulary, kindOf)
    return { model, calibrations, unknown, sequences: sequences.length }
  } finally {
    await scorer.close()
  }
}

/** How much of normal events is unknown to the model, although it was made from events of the same time. */
function unknownShares(
  sessions: readonly Int32Array[],
  vocabulary: Vocabulary,
  kindOf: (template: number) => Kind | undefined,
): CalibratedTransformer['unknown'] {
  const templates = sessions.flatMap((session) => [...session])
  const shares: { [K in Kind]?: number } = {}
  for (const kind of KINDS) {
    const own = templates.filter((template) => kindOf(template) === kind)
    if (own.length >= MIN_CALIBRATION) {
      shares[kind] = own.filter((template) => vocabulary.token(template) === UNK).length / own.length
    }
  }
  return shares
}
