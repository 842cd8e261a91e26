import { sharesOf } from '../../ensemble/calibrate.ts'
import type { ForestPart } from './model.ts'

type Opinions = Pick<ForestPart, 'forest' | 'forestCalibration' | 'experts'>

/**
 * The forest judges the row as a whole, which drowns a value that is extreme in one column alone among two dozen. So
 * the columns that are opinions of their own (the oddity of parameters, failures before a login) speak beside it, and the
 * smallest tail share wins (Tippett 1931). The result, -log10 of it, is calibrated once more as a whole. `scores` are the
 * forest's, one per row of `data`; they are replaced.
 */
export function combineScores(part: Opinions, scores: Float32Array, data: Float32Array): Float32Array {
  const { columns } = part.forest
  const forest = sharesOf(part.forestCalibration)
  // Most columns say the same of most rows, which need not be looked up again.
  const experts = part.experts.map(({ column, calibration }) => {
    return { column, shares: sharesOf(calibration), value: Number.NaN, share: 1 }
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
