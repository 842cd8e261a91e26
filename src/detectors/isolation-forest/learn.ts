import { calibrate } from '../../ensemble/calibrate.ts'
import { combinedScores } from './combine.ts'
import { fitForest } from './fit.ts'
import type { ForestPart } from './model.ts'
import type { Reservoir } from './reservoir.ts'
import { scoreForest } from './score.ts'

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

/** What one kind of blocks has to teach; undefined where there was too little of it. */
export function learnPart(
  reservoir: Reservoir,
  features: readonly string[],
  experts: readonly number[],
  profiles: Uint8Array,
  options: LearnOptions,
): ForestPart | undefined {
  const train = reservoir.slice(KNOWN, HELD_OUT)
  const heldOut = reservoir.slice(HELD_OUT, 1)
  if (train.rows + heldOut.rows < MIN_ROWS || heldOut.rows === 0) return undefined
  const columns = reservoir.columns
  const forest = fitForest(train.data, train.rows, columns, options)
  const forestCalibration = calibrate(scoreForest(forest, heldOut.data, heldOut.rows))
  const part = {
    features,
    profiles,
    forest,
    medians: medians(train.data, train.rows, columns),
    forestCalibration,
    experts: experts.map((column) => ({ column, calibration: calibrate(columnOf(heldOut, columns, column)) })),
    rows: train.rows + heldOut.rows,
  }
  return { ...part, calibration: calibrate(combinedScores(part, heldOut.data, heldOut.rows)) }
}

function medians(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: columns }, (_, column) => {
    return columnOf({ data, rows }, columns, column).sort()[rows >> 1]
  })
}

function columnOf(matrix: { data: Float32Array; rows: number }, columns: number, column: number): Float32Array {
  return Float32Array.from({ length: matrix.rows }, (_, row) => matrix.data[row * columns + column])
}
