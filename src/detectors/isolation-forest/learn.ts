import { calibrate } from '../../ensemble/calibrate.ts'
import { binsOf } from '../../features/bins.ts'
import { combineScores } from './combine.ts'
import type { ForestPart } from './model.ts'
import type { Reservoir } from './reservoir.ts'
import { fitForest } from './trees/fit.ts'
import type { Forest } from './trees/forest.ts'
import { scoreForest } from './trees/score.ts'

/** The first tenth of each stream is skipped, because the profiles were still empty. */
const SKIPPED = 0.1
/** The part from here on is held out for the calibration. */
const HELD_OUT = 0.75
/** Minimum number of rows. */
const MIN_ROWS = 200

export interface LearnOptions {
  readonly trees: number
  /** Rows per tree. */
  readonly sample: number
  readonly seed: number
}

/** The collected sample of one kind of event. */
export interface TrainingData {
  readonly reservoir: Reservoir
  /** Names of the columns. */
  readonly features: readonly string[]
  /** Expert columns, see `combine.ts`. */
  readonly experts: readonly number[]
  /** Snapshot of the profiles that the features were computed with. */
  readonly profiles: Uint8Array
}

/** Fits and calibrates a forest; undefined if there are too few rows. */
export function fitPart(data: TrainingData, options: LearnOptions): ForestPart | undefined {
  const rows = split(data.reservoir)
  if (rows === undefined) return undefined
  const forest = fitForest(rows.train.data, rows.train.rows, data.reservoir.columns, options)
  return assemble(data, rows, forest, scoreForest(forest, rows.heldOut.data, rows.heldOut.rows))
}

/** Calibrates a user's forest, given as ONNX. Our own forest is fitted as well, but only explains its scores. */
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
  /** Hash of the session of each row. */
  readonly sessions: Int32Array
}

function split(reservoir: Reservoir): { train: Rows; heldOut: Rows } | undefined {
  const train = reservoir.slice(SKIPPED, HELD_OUT)
  const heldOut = reservoir.slice(HELD_OUT, 1)
  return train.rows + heldOut.rows < MIN_ROWS ? undefined : { train, heldOut }
}

/** Calibrates on the held-out rows. `scores` are those of the forest and are overwritten. */
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
    // The held-out rows: the profiles were almost complete when their features were computed.
    bins: binsOf(heldOut.data, heldOut.rows, columns),
    forestCalibration: calibrate(scores, heldOut.sessions),
    experts: experts.map((column) => ({
      column,
      calibration: calibrate(columnOf(heldOut, columns, column), heldOut.sessions),
    })),
    rows: train.rows + heldOut.rows,
  }
  return { ...part, calibration: calibrate(combineScores(part, scores, heldOut.data), heldOut.sessions) }
}

function medians(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: columns }, (_, column) => {
    return columnOf({ data, rows }, columns, column).sort()[rows >> 1]
  })
}

function columnOf(
  matrix: { readonly data: Float32Array; readonly rows: number },
  columns: number,
  column: number,
): Float32Array {
  return Float32Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * columns + column])
}
