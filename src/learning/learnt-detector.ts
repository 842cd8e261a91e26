import type { Detector } from '../detectors/detector.ts'
import { IsolationForestDetector } from '../detectors/isolation-forest/detector.ts'
import { decodeSessions, encodeSessions } from '../detectors/isolation-forest/extractors.ts'
import { decodeModel, encodeModel } from '../detectors/isolation-forest/model.ts'
import type { TransformerModel } from '../detectors/transformer/model.ts'
import { oneIn, tailShare } from '../ensemble/calibrate.ts'
import { Templater } from '../templates/templater.ts'
import type { LearningCycle } from './cycle.ts'
import type { CalibratedTransformer, ModelSet } from './model-set.ts'

/** A detector with a model in it, which has to be closed. */
export interface LearntDetector extends Detector {
  snapshot(): Uint8Array | Promise<Uint8Array>
  restore(snapshot: Uint8Array): void | Promise<void>
  close(): Promise<void>
}

/** What a detector is made from, in a form that crosses threads: a class does not, so a vocabulary goes as its templates. */
export type DetectorParts =
  | { readonly name: 'isolation_forest'; readonly model: Uint8Array; readonly sessions: Uint8Array | undefined }
  | {
      readonly name: 'transformer'
      readonly model: Omit<TransformerModel, 'vocabulary'> & { readonly tokens: readonly number[] }
      readonly calibrations: CalibratedTransformer['calibrations']
      readonly templates: Uint8Array
    }

/** Makes a detector from its parts, on this thread or on one of its own; throws OddlineError MODEL_INVALID where it cannot. */
export type OpenDetector = (parts: DetectorParts) => Promise<LearntDetector>

/** `cycle`: what has been learnt of the clients so far, where the forest begins to judge in the middle of a run. */
export function partsOf(models: ModelSet, cycle?: LearningCycle): DetectorParts[] {
  const parts: DetectorParts[] = [
    { name: 'isolation_forest', model: encodeModel(models.forest), sessions: cycle && encodeSessions(cycle.sessions) },
  ]
  if (models.transformer) {
    const { vocabulary, ...model } = models.transformer.model
    const { calibrations } = models.transformer
    parts.push({
      name: 'transformer',
      model: { ...model, tokens: vocabulary.templates },
      calibrations,
      templates: models.templates,
    })
  }
  return parts
}

/** Makes a detector that works on the calling thread. */
export const openDetector: OpenDetector = async (parts) =>
  parts.name === 'isolation_forest' ? openForest(parts) : openTransformer(parts)

function openForest({ model, sessions }: Extract<DetectorParts, { name: 'isolation_forest' }>): LearntDetector {
  const forest = new IsolationForestDetector(decodeModel(model), sessions && decodeSessions(sessions))
  return Object.assign(forest, { close: async () => {} })
}

/** The runtime is loaded here and not at the start, because it takes longer to load than an empty directory to read. */
async function openTransformer(parts: Extract<DetectorParts, { name: 'transformer' }>): Promise<LearntDetector> {
  const { TransformerDetector } = await import('../detectors/transformer/detector.ts')
  const { SequenceScorer } = await import('../detectors/transformer/scorer.ts')
  const { Vocabulary } = await import('../detectors/transformer/vocabulary.ts')
  const { tokens, ...model } = parts.model
  const scorer = await SequenceScorer.open({ ...model, vocabulary: new Vocabulary(tokens) })
  const templater = Templater.restore(parts.templates)
  templater.freeze()
  const known = Object.values(parts.calibrations)
  const detector = new TransformerDetector(
    {
      templatesOf: (block) => templater.templates(block),
      textOf: (id) => templater.text(id),
      oneIn: (nats) =>
        known.length === 0 ? 1 : Math.min(...known.map((calibration) => oneIn(tailShare(calibration, nats)))),
    },
    scorer,
  )
  return Object.assign(detector, { close: () => scorer.close() })
}
