import { estimatesOf } from '../../ensemble/calibrate.ts'
import type { ForestPart } from './model.ts'

type Opinions = Pick<ForestPart, 'forest' | 'forestCalibration' | 'experts'>

/**
 * Combines the forest with the expert columns. A forest over two dozen columns overlooks a value that is extreme in one
 * column alone. Therefore some columns (such as the oddity of parameters, or failures before a login) are also judged on
 * their own, and the smallest tail share wins (Tippett 1931).
 * @param scores the forest's score of each row; overwritten with -log10 of the smallest tail share
 * @param data feature matrix, [rows, columns] flat
 * @returns `scores`
 */
export function combineScores(part: Opinions, scores: Float32Array, data: Float32Array): Float32Array {
  const { columns } = part.forest
  const forest = estimatesOf(part.forestCalibration)
  // Consecutive rows often have the same value, which needs no second lookup.
  const experts = part.experts.map(({ column, calibration }) => {
    return { column, shares: estimatesOf(calibration), value: Number.NaN, share: 1 }
  })
  for (let row = 0; row < scores.length; row++) {
    let least = forest.of(scores[row])
    for (const expert of experts) {
      const value = data[row * columns + expert.column]
      if (value !== expert.value) {
        expert.value = value
        expert.share = expert.shares.of(value)
      }
      if (expert.share < least) least = expert.share
    }
    scores[row] = -Math.log10(least)
  }
  return scores
}
