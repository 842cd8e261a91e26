import { type PackedArray, pack, unpack } from '../../core/pack.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import type { Bins } from '../../features/bins.ts'
import type { Forest } from './trees/forest.ts'

/** The two kinds of events. They have different features, so each has a forest of its own. */
export const KINDS = ['http', 'security'] as const
export type Kind = (typeof KINDS)[number]

/** The model of one kind of event. */
export interface ForestPart {
  /** Names of the columns. A model of other features is rejected. */
  readonly features: readonly string[]
  /** Snapshot of the profiles that the features are computed with. */
  readonly profiles: Uint8Array
  readonly forest: Forest
  /** Median of each column. */
  readonly medians: Float32Array
  /** Distribution of each column, to measure drift; absent in older models. */
  readonly bins?: Bins
  /** Distribution of the forest's score on held-out events. */
  readonly forestCalibration: Calibration
  /** Expert columns with the distribution of their values, see `combine.ts`. */
  readonly experts: readonly { readonly column: number; readonly calibration: Calibration }[]
  /** Distribution of the combined score. */
  readonly calibration: Calibration
  /** A user's forest as ONNX. It replaces the scores of `forest`, which then only explains. */
  readonly onnx?: Uint8Array
  /** Number of rows used. */
  readonly rows: number
}

export type ForestModel = { readonly [K in Kind]?: ForestPart }

const VERSION = 1

export function encodeForestModel(model: ForestModel): Uint8Array {
  const meta: Record<string, unknown> = {}
  const arrays: Record<string, PackedArray> = {}
  for (const kind of KINDS) {
    const part = model[kind]
    if (part === undefined) continue
    const { features, forestCalibration, experts, calibration, rows, forest } = part
    const { trees, sample, columns, depth } = forest
    meta[kind] = { features, forestCalibration, experts, calibration, rows, trees, sample, columns, depth }
    arrays[`${kind}.profiles`] = part.profiles
    if (part.onnx !== undefined) arrays[`${kind}.onnx`] = part.onnx
    arrays[`${kind}.medians`] = part.medians
    if (part.bins !== undefined) {
      arrays[`${kind}.binEdges`] = part.bins.edges
      arrays[`${kind}.binShares`] = part.bins.shares
    }
    arrays[`${kind}.feature`] = forest.feature
    arrays[`${kind}.threshold`] = forest.threshold
    arrays[`${kind}.length`] = forest.length
    arrays[`${kind}.size`] = forest.size
  }
  return pack('isolation forest', VERSION, { meta, arrays })
}

/** @throws OddlineError MODEL_INVALID if the bytes are damaged */
export function decodeForestModel(bytes: Uint8Array): ForestModel {
  const { meta, arrays } = unpack('isolation forest', VERSION, bytes)
  const model: { [K in Kind]?: ForestPart } = {}
  for (const kind of KINDS) {
    const saved = meta[kind] as (Omit<ForestPart, 'forest'> & Omit<Forest, 'feature'>) | undefined
    if (saved === undefined) continue
    const { features, forestCalibration, experts, calibration, rows, trees, sample, columns, depth } = saved
    model[kind] = {
      features,
      forestCalibration,
      experts,
      calibration,
      rows,
      profiles: arrays[`${kind}.profiles`] as Uint8Array,
      onnx: arrays[`${kind}.onnx`] as Uint8Array | undefined,
      medians: arrays[`${kind}.medians`] as Float32Array,
      bins: binsIn(arrays, kind),
      forest: {
        trees,
        sample,
        columns,
        depth,
        feature: arrays[`${kind}.feature`] as Uint8Array,
        threshold: arrays[`${kind}.threshold`] as Float32Array,
        length: arrays[`${kind}.length`] as Float32Array,
        size: arrays[`${kind}.size`] as Uint16Array,
      },
    }
  }
  return model
}

function binsIn(arrays: Readonly<Record<string, PackedArray>>, kind: Kind): Bins | undefined {
  const edges = arrays[`${kind}.binEdges`] as Float32Array | undefined
  return edges && { edges, shares: arrays[`${kind}.binShares`] as Float32Array }
}
