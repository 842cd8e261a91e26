import type { EventBlock } from '../../core/columns/block.ts'
import type { Detector } from '../../detectors/detector.ts'
import { IsolationForestDetector } from '../../detectors/isolation-forest/detector.ts'
import { decodeSessions, encodeSessions } from '../../detectors/isolation-forest/extractors.ts'
import { decodeForestModel, encodeForestModel } from '../../detectors/isolation-forest/model.ts'
import type { TransformerModel } from '../../detectors/transformer/model.ts'
import { howRare } from '../../ensemble/how-rare.ts'
import { Templater } from '../../templates/templater.ts'
import { type DriftCounts, DriftMeter } from '../drift/drift-meter.ts'
import { LearntLogs, type LogCounts } from '../logs/learnt-logs.ts'
import type { LearningCycle } from '../training/cycle.ts'
import type { CalibratedTransformer, ModelSet } from './model-set.ts'

/** A detector with a learnt model. It must be closed. */
export interface LearntDetector extends Detector {
  snapshot(): Uint8Array | Promise<Uint8Array>
  restore(snapshot: Uint8Array): void | Promise<void>
  /** Recent counts: feature values, or unknown templates. */
  drift(): DriftCounts | Promise<DriftCounts>
  /** The state of these counts. It is committed together with the offsets of the counted lines. */
  driftSnapshot(): Uint8Array | Promise<Uint8Array>
  /** @throws OddlineError MODEL_INVALID if the snapshot is damaged */
  restoreDrift(snapshot: Uint8Array): void | Promise<void>
  close(): Promise<void>
}

/** What a detector is made from. Plain data, because it crosses threads; a vocabulary is sent as its template ids. */
export type DetectorParts =
  | {
      readonly name: 'isolation_forest'
      readonly model: Uint8Array
      readonly sessions: Uint8Array | undefined
      readonly drift: DriftParts
    }
  | {
      readonly name: 'transformer'
      readonly model: Omit<TransformerModel, 'vocabulary'> & { readonly tokens: readonly number[] }
      readonly calibrations: CalibratedTransformer['calibrations']
      readonly templates: Uint8Array
      readonly drift: DriftParts
    }

interface DriftParts {
  /** Events over which drift is measured. */
  readonly window: number
  /** Events of the training set per kind of log; only learnt kinds are measured. */
  readonly learntFrom: LogCounts | undefined
}

/** A model without a calibration calls nothing rare. */
const UNKNOWN_RARENESS = { oneIn: 1, heldOut: 0, seen: true }

/** Drift is measured over as many events as the models were trained on, within these bounds. */
const MIN_WINDOW = 4_000
const MAX_WINDOW = 50_000

/** Makes a detector from its parts, in this thread or in one of its own. @throws OddlineError MODEL_INVALID if it cannot */
export type OpenDetector = (parts: DetectorParts) => Promise<LearntDetector>

/** The detectors of a model version. `cycle`: see `LoadedModels.open`. */
export function partsOf(models: ModelSet, cycle?: LearningCycle): DetectorParts[] {
  const window = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, models.trainedOn))
  const sessions = cycle && encodeSessions(cycle.sessions)
  const drift = { window, learntFrom: models.learntFrom }
  const parts: DetectorParts[] = [
    { name: 'isolation_forest', model: encodeForestModel(models.forest), sessions, drift },
  ]
  if (models.transformer) {
    const { vocabulary, ...model } = models.transformer.model
    const { calibrations } = models.transformer
    parts.push({
      name: 'transformer',
      model: { ...model, tokens: vocabulary.templates },
      calibrations,
      templates: models.templates,
      drift,
    })
  }
  return parts
}

/** Makes a detector in the calling thread. */
export const openDetector: OpenDetector = async (parts) =>
  parts.name === 'isolation_forest' ? openForest(parts) : openTransformer(parts)

function openForest(parts: Extract<DetectorParts, { name: 'isolation_forest' }>): LearntDetector {
  const { sessions, drift } = parts
  const model = decodeForestModel(parts.model)
  const forest = new IsolationForestDetector(model, sessions && decodeSessions(sessions))
  const meter = DriftMeter.ofFeatures({ http: model.http?.bins, security: model.security?.bins }, drift.window)
  const logs = new LearntLogs(drift.learntFrom)
  const score = forest.score.bind(forest)
  const counted = (block: EventBlock, scores: Float32Array) => {
    const [rows, bins] = [forest.rowsOf(block), model[block.kind]?.bins]
    if (rows && bins) meter.features(block, rows, bins, logs.unlearnt(block))
    return scores
  }
  return Object.assign(forest, asMeter(meter), {
    score(block: EventBlock) {
      const scores = score(block)
      return scores instanceof Promise ? scores.then((all) => counted(block, all)) : counted(block, scores)
    },
    close: async () => {},
  })
}

function asMeter(meter: DriftMeter): Pick<LearntDetector, 'drift' | 'driftSnapshot' | 'restoreDrift'> {
  return {
    drift: () => meter.counts(),
    driftSnapshot: () => meter.snapshot(),
    restoreDrift: (snapshot) => meter.restore(snapshot),
  }
}

/** Loads ONNX Runtime on demand, because that takes longer than a whole run over an empty directory. */
async function openTransformer(parts: Extract<DetectorParts, { name: 'transformer' }>): Promise<LearntDetector> {
  const { TransformerDetector } = await import('../../detectors/transformer/detector.ts')
  const { SequenceScorer } = await import('../../detectors/transformer/scoring/scorer.ts')
  const { UNK, Vocabulary } = await import('../../detectors/transformer/vocabulary.ts')
  const { tokens, ...model } = parts.model
  const vocabulary = new Vocabulary(tokens)
  const scorer = await SequenceScorer.open({ ...model, vocabulary })
  const meter = DriftMeter.ofTemplates(parts.drift.window)
  const logs = new LearntLogs(parts.drift.learntFrom)
  const isKnown = (template: number) => vocabulary.token(template) !== UNK
  const templater = Templater.restore(parts.templates)
  templater.freeze()
  const known = Object.values(parts.calibrations)
  const detector = new TransformerDetector(
    {
      templatesOf(block) {
        const templates = templater.templates(block)
        meter.templates(block, templates, isKnown, logs.unlearnt(block))
        return templates
      },
      textOf: (id) => templater.text(id),
      rarity: (nats) =>
        known.map((calibration) => howRare(calibration, nats)).sort((a, b) => a.oneIn - b.oneIn)[0] ?? UNKNOWN_RARENESS,
    },
    scorer,
  )
  return Object.assign(detector, asMeter(meter), { close: () => scorer.close() })
}
