import type { TrainingProgress } from '../../core/documents/training.ts'
import { KINDS, type Kind } from '../../detectors/isolation-forest/model.ts'
import type { CollectedSessions } from '../../detectors/transformer/training/collector.ts'
import type { TrainingResult } from '../../detectors/transformer/training/trainer.ts'
import type { TrainingOptions } from '../../detectors/transformer/training/training-options.ts'
import { UNK, type Vocabulary } from '../../detectors/transformer/vocabulary.ts'
import { calibrate } from '../../ensemble/calibrate.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import type { CalibratedTransformer } from '../models/model-set.ts'

/** Templates with a token of their own; rarer templates share the unknown token. The cost of a step is linear in this. */
const MAX_VOCABULARY = 2048
/** Tokens that a training processes at most, over all epochs. */
/** Minimum number of sessions for a training. */
const MIN_SEQUENCES = 20
/** Minimum number of held-out scores for a calibration. */
const MIN_CALIBRATION = 50

/** Trains on sequences, either in a thread of its own (`trainInWorker`) or in the calling thread (`trainTransformer`). */
export type SequenceTraining = (
  sequences: readonly Int32Array[],
  vocabularySize: number,
  options: TrainingOptions,
) => Promise<TrainingResult>

export interface TransformerTraining {
  readonly train: SequenceTraining
  readonly seed: number
  /** Maximum duration, ms. */
  /** Training stops after about this many tokens: templates of events. */
  readonly maxTokens: number
  readonly signal: AbortSignal
  onProgress(progress: TrainingProgress): void
}

/** Whether there are enough sessions to train a transformer. */
export function hasEnoughSessions({ sequences }: CollectedSessions): boolean {
  return sequences.length >= MIN_SEQUENCES
}

/**
 * Trains the transformer, then calibrates its scores on the held-out sessions.
 * @param kindOf the kind of event that a template belongs to; undefined if unknown
 * @throws the reason of the signal if it aborts
 */
export async function trainCalibrated(
  { sequences, complete }: CollectedSessions,
  kindOf: (template: number) => Kind | undefined,
  { train, ...options }: TransformerTraining,
): Promise<CalibratedTransformer> {
  const training = { ...options, complete }
  const { model, heldOut } = await train(sequences, MAX_VOCABULARY, training)
  const { SequenceScorer } = await import('../../detectors/transformer/scoring/scorer.ts')
  const scorer = await SequenceScorer.open(model)
  try {
    const sessions = heldOut.map((i) => sequences[i])
    const scores = await scorer.scoreSessions(sessions)
    // The last score of a session belongs to its end, which is not an event.
    const calibrations: { [K in Kind]?: Calibration } = {}
    for (const kind of KINDS) {
      const normal = sessions.flatMap((templates, session) => {
        const own = scores[session].subarray(0, -1).filter((_, at) => kindOf(templates[at]) === kind)
        return Array.from(own, (score) => ({ score, session }))
      })
      if (normal.length < MIN_CALIBRATION) continue
      calibrations[kind] = calibrate(
        normal.map(({ score }) => score),
        normal.map(({ session }) => session),
      )
    }
    const unknown = unknownShares(sessions, model.vocabulary, kindOf)
    return { model, calibrations, unknown, sequences: sequences.length }
  } finally {
    await scorer.close()
  }
}

/** Per kind, the share of held-out events whose template is unknown to the model: the baseline for measuring drift. */
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
