import { IsolationForestDetector } from '../../detectors/isolation-forest/detector.ts'
import { decodeModel, encodeModel, type ForestModel, KINDS, type Kind } from '../../detectors/isolation-forest/model.ts'
import { exportForest } from '../../detectors/isolation-forest/trees/export.ts'
import { decodeTransformer, encodeTransformer, TRANSFORMER_FILE } from '../../detectors/transformer/artifacts.ts'
import type { TransformerModel } from '../../detectors/transformer/model.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { Templater } from '../../templates/templater.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { Artifact, ArtifactContent } from './artifacts.ts'

/** A transformer and how its scores are to be read, for each kind of events that it was trained on. */
export interface CalibratedTransformer {
  readonly model: TransformerModel
  readonly calibrations: { readonly [K in Kind]?: Calibration }
  /** Share of the held-out events whose template is unknown to it; absent in models that did not keep it. */
  readonly unknown?: { readonly [K in Kind]?: number }
  /** Sessions that it was trained on; absent in models that did not keep it. */
  readonly sequences?: number
}

/** Everything that is in force together. */
export interface ModelContent {
  readonly forest: ForestModel
  /** Snapshot of the frozen templates that the transformer's tokens stand for. */
  readonly templates: Uint8Array
  readonly transformer?: CalibratedTransformer
  /** Events that it was trained on. */
  readonly trainedOn: number
  /** The same by the kind of log that they are of; absent in models that did not keep it. */
  readonly learntFrom?: LogCounts
  /** Events on a day of traffic like that; absent where events had no time. */
  readonly eventsPerDay?: number
}

/** One numbered version of a model directory. */
export interface ModelSet extends ModelContent {
  readonly version: number
}

const FOREST_FILE = 'isolation_forest.bin'
const TEMPLATES_FILE = 'templates.bin'
const VOCABULARY_FILE = 'template_vocab.json'
const CARD_PARTS = [
  'transformer',
  'transformer_calibration',
  'transformer_unknown',
  'training_sequences',
  'trained_on',
  'events_per_day',
  'learnt_from',
] as const

/** The files of a version. The ONNX form of the forest and the vocabulary in words are for people and other programs. */
export function encodeModelSet(set: ModelContent): ArtifactContent {
  const files = new Map<string, Uint8Array>([
    [FOREST_FILE, encodeModel(set.forest)],
    [TEMPLATES_FILE, set.templates],
    [VOCABULARY_FILE, Buffer.from(vocabularyText(set.templates))],
  ])
  for (const kind of KINDS) {
    const part = set.forest[kind]
    if (part)
      files.set(kind === 'http' ? 'isolation_forest.onnx' : `isolation_forest.${kind}.onnx`, exportForest(part.forest))
  }
  const card: Record<string, unknown> = {
    trained_on: set.trainedOn,
    events_per_day: set.eventsPerDay,
    learnt_from: set.learntFrom,
  }
  if (set.transformer) {
    const { network, config } = encodeTransformer(set.transformer.model)
    files.set(TRANSFORMER_FILE, network)
    card.transformer = config
    card.transformer_calibration = set.transformer.calibrations
    card.transformer_unknown = set.transformer.unknown
    card.training_sequences = set.transformer.sequences
  }
  return { files, card }
}

/** @throws OddlineError MODEL_INVALID where a part is missing, damaged, or of a version not known here */
export function decodeModelSet({ version, files, card }: Artifact): ModelSet {
  const parts = card as Partial<Record<(typeof CARD_PARTS)[number], unknown>>
  const bytes = (name: string) => files.get(name) ?? new Uint8Array(0)
  const templates = bytes(TEMPLATES_FILE)
  Templater.restore(templates)
  return {
    version,
    forest: decodeModel(bytes(FOREST_FILE)),
    templates,
    trainedOn: Number(parts.trained_on ?? 0),
    ...(typeof parts.events_per_day === 'number' && { eventsPerDay: parts.events_per_day }),
    ...(parts.learnt_from !== undefined && { learntFrom: parts.learnt_from as LogCounts }),
    ...(parts.transformer !== undefined && {
      transformer: {
        model: decodeTransformer(bytes(TRANSFORMER_FILE), parts.transformer),
        calibrations: parts.transformer_calibration as CalibratedTransformer['calibrations'],
        unknown: parts.transformer_unknown as CalibratedTransformer['unknown'],
        sequences: Number(parts.training_sequences ?? 0),
      },
    }),
  }
}

/**
 * Makes sure that a version from elsewhere can judge here, by opening all of it.
 * @throws OddlineError MODEL_INVALID
 */
export async function verifyModelSet(content: ArtifactContent): Promise<void> {
  // The runtime is loaded here and not at the start, because it takes longer to load than an empty directory to read.
  const { ImportedForest } = await import('../../detectors/isolation-forest/trees/imported.ts')
  const { SequenceScorer } = await import('../../detectors/transformer/scoring/scorer.ts')
  const { forest, transformer } = decodeModelSet({ ...content, version: 0 })
  new IsolationForestDetector(forest)
  for (const kind of KINDS) {
    const part = forest[kind]
    if (part?.onnx) await ImportedForest.open(part.onnx, part.forest.columns)
  }
  const scorer = transformer && (await SequenceScorer.open(transformer.model))
  await scorer?.close()
}

function vocabularyText(templates: Uint8Array): string {
  const templater = Templater.restore(templates)
  return `${JSON.stringify(
    Array.from({ length: templater.size }, (_, id) => templater.text(id)),
    null,
    1,
  )}\n`
}
