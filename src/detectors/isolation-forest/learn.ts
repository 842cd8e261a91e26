import { calibrate } from '../../ensemble/calibrate.ts'
import { binsOf } from '../../features/bins.ts'
import { combineScores } from './combine.ts'
import type { ForestPart } from './model.ts'
import type { Reservoir } from './reservoir.ts'
import { fitForest } from './trees/fit.ts'
import type { Forest } from './trees/forest.ts'
import { scoreForest } from './trees/score.ts'

/** The first rows were judged by profiles that knew nothing yet; the last are held out for the calibration. */
const KNOWN = 0.1
const HELD_OUT = 0.75
/** Rows without which there is nothing to learn from. */
const MIN_ROWS = 200

export interface LearnOptions {
  readonly trees: number
  readonly sample: number
  readonly seed: number
}

/** What is to be learnt from: the sample, what its columns are, and the profiles they were computed with. */
export interface TrainingData {
  readonly reservoir: Reservoir
  readonly features: readonly string[]
  readonly experts: readonly number[]
  readonly profiles: Uint8Array
}

/** What one kind of blocks has to teach; undefined where there was too little of it. */
export function fitPart(data: TrainingData, options: LearnOptions): ForestPart | undefined {
  const rows = split(data.reservoir)
  if (rows === undefined) return undefined
  const forest = fitForest(rows.train.data, rows.train.rows, data.reservoir.columns, options)
  return assemble(data, rows, forest, scoreForest(forest, rows.heldOut.data, rows.heldOut.rows))
}

/** The same around a forest of the user's own, given as ONNX. A forest is fitted beside it, to explain its verdicts. */
export async function fitPartAround(
  data: TrainingData,
  onnx: Uint8Array,
  options: LearnOptions,
): Promise<ForestPart | undefined> {
  const { ImportedForest } = await import('./trees/imported.ts')
  const imported = await ImportedForest.open(onnx, data.reservoir.columns)
  const rows = split(data.reservoir)
  if (rows === undefined) return undefined
  const forest = fitForest(rows.train.data, rows.train.rows, data.reservoir.columns, options)
  const scores = await imported.score(rows.heldOut.data, rows.heldOut.rows)
  return { ...assemble(data, rows, forest, scores), onnx }
}

interface Rows {
  readonly rows: number
  readonly data: Float32Array
}

function split(reservoir: Reservoir): { train: Rows; heldOut: Rows } | undefined {
  const train = reservoir.slice(KNOWN, HELD_OUT)
  const heldOut = reservoir.slice(HELD_OUT, 1)
  return train.rows + heldOut.rows < MIN_ROWS ? undefined : { train, heldOut }
}

/** Replaces `scores`, the forest's on the held-out rows, by those of the whole detector. */
function assemble(
  { reservoir, features, experts, profiles }: TrainingData,
  { train, heldOut }: { train: Rows; heldOut: Rows },
  forest: Forest,
  scores: Float32Array,
): ForestPart {
  const { columns } = reservoir
  const part = {
    features,
    profiles,
    forest,
    medians: medians(train.data, train.rows, columns),
    // Of the held-out rows, as they were judged when the profiles knew most of what there is to know.
    bins: binsOf(heldOut.data, heldOut.rows, columns),
    forestCalibration: calibrate(scores),
    experts: experts.map((column) => ({ column, calibration: calibrate(columnOf(heldOut, columns, column)) })),
    rows: train.rows + heldOut.rows,
  }
  return { ...part, calibration: calibrate(combineScores(part, scores, heldOut.data)) }
}

function medians(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: columns }, (_, column) => {
    return columnOf({ data, rows }, columns, column).sort()[rows >> 1]
  })
}

function columnOf(matrix: { data: Float32Array; rows: number }, columns: number, column: number): Float32Array {
  return Float32Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * columns + column])
}
