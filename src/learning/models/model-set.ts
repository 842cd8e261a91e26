import { IsolationForestDetector } from '../../detectors/isolation-forest/detector.ts'
import {
  decodeForestModel,
  encodeForestModel,
  type ForestModel,
  KINDS,
  type Kind,
} from '../../detectors/isolation-forest/model.ts'
import { exportForest } from '../../detectors/isolation-forest/trees/export.ts'
import { decodeTransformer, encodeTransformer, TRANSFORMER_FILE } from '../../detectors/transformer/artifacts.ts'
import type { TransformerModel } from '../../detectors/transformer/model.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { Templater } from '../../templates/templater.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { Artifact, ArtifactContent } from './artifacts.ts'

/** A transformer, and per kind of event that it was trained on, the calibration of its scores. */
export interface CalibratedTransformer {
  readonly model: TransformerModel
  readonly calibrations: { readonly [K in Kind]?: Calibration }
  /** Share of held-out events whose template is unknown to the model; absent in older models. */
  readonly unknown?: { readonly [K in Kind]?: number }
  /** Number of training sessions; absent in older models. */
  readonly sequences?: number
}

/** The models of one version. */
export interface ModelContent {
  readonly forest: ForestModel
  /** Snapshot of the templates, which the transformer's tokens refer to by id. */
  readonly templates: Uint8Array
  readonly transformer?: CalibratedTransformer
  /** Number of training events. */
  readonly trainedOn: number
  /** The same per kind of log; absent in older models. */
  readonly learntFrom?: LogCounts
  /** Training events per day; absent if they had no time. */
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

/** The files and the card of a version. The forest as ONNX and the vocabulary as text are for people and other programs. */
export function encodeModelSet(set: ModelContent): ArtifactContent {
  const files = new Map<string, Uint8Array>([
    [FOREST_FILE, encodeForestModel(set.forest)],
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

/** @throws OddlineError MODEL_INVALID if a part is missing, damaged, or of an unknown format */
export function decodeModelSet({ version, files, card }: Artifact): ModelSet {
  const parts = card as Partial<Record<(typeof CARD_PARTS)[number], unknown>>
  const bytes = (name: string) => files.get(name) ?? new Uint8Array(0)
  const templates = bytes(TEMPLATES_FILE)
  Templater.restore(templates)
  return {
    version,
    forest: decodeForestModel(bytes(FOREST_FILE)),
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
 * Checks that a version from another host works here, by opening every model in it.
 * @throws OddlineError MODEL_INVALID if one cannot be opened
 */
export async function verifyModelSet(content: ArtifactContent): Promise<void> {
  // Load ONNX Runtime on demand, because that takes longer than a whole run over an empty directory.
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
