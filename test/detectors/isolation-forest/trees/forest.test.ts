import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../../../../src/core/random.ts'
import { attribute } from '../../../../src/detectors/isolation-forest/trees/attribute.ts'
import { exportForest } from '../../../../src/detectors/isolation-forest/trees/export.ts'
import { fitForest } from '../../../../src/detectors/isolation-forest/trees/fit.ts'
import { averagePathLength, type Forest } from '../../../../src/detectors/isolation-forest/trees/forest.ts'
import { ImportedForest } from '../../../../src/detectors/isolation-forest/trees/imported.ts'
import { pathLengths, scoreForest } from '../../../../src/detectors/isolation-forest/trees/score.ts'
import { fromSklearn, type SklearnTree } from '../../../support/reference/sklearn-forest.ts'

interface Reference {
  readonly sample: number
  readonly columns: number
  readonly trees: readonly SklearnTree[]
  readonly rows: readonly number[][]
  readonly length: readonly number[]
  readonly score: readonly number[]
}

const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/sklearn-forest.json', import.meta.url), 'utf8'),
) as Reference

function gaussian(rows: number, columns: number, seed: number): Float32Array {
  const random = seeded(seed)
  return Float32Array.from({ length: rows * columns }, () => {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  })
}

/** Mean path length of one row, as the paper walks. */
function walk({ trees, depth, feature, threshold, length }: Forest, row: Float32Array): number {
  const inner = 2 ** depth - 1
  let sum = 0
  for (let tree = 0; tree < trees; tree++) {
    let node = 0
    while (node < inner) {
      const at = tree * inner + node
      node = 2 * node + (row[feature[at]] >= threshold[at] ? 2 : 1)
    }
    sum += length[tree * (inner + 1) + node - inner]
  }
  return sum / trees
}

test('walks a forest of scikit-learn to the same path lengths and scores', () => {
  const forest = fromSklearn(reference.trees, reference.sample, reference.columns)
  const data = Float32Array.from(reference.rows.flat())
  const lengths = pathLengths(forest, data, reference.rows.length)
  const scores = scoreForest(forest, data, reference.rows.length)
  reference.length.forEach((length, i) => {
    expect(lengths[i]).toBeCloseTo(length, 5)
    expect(scores[i]).toBeCloseTo(reference.score[i], 6)
  })
})

test('rows side by side come to the same path lengths, to the last bit, as each by itself', () => {
  const size = fc.integer({ min: 1, max: 300 })
  fc.assert(
    fc.property(
      size,
      fc.integer({ min: 1, max: 20 }),
      size,
      fc.integer({ min: 1, max: 1100 }),
      (sample, columns, trees, rows) => {
        const forest = fitForest(gaussian(300, columns, 3), 300, columns, {
          seed: sample,
          sample,
          trees: 1 + (trees % 7),
        })
        const data = gaussian(rows, columns, 4)
        // Every threshold is also asked about itself, and what compares with nothing goes left.
        for (let i = 0; i < data.length; i += 3) data[i] = forest.threshold[i % forest.threshold.length]
        data[0] = Number.NaN
        const expected = Float32Array.from({ length: rows }, (_, row) => walk(forest, data.subarray(row * columns)))
        expect(pathLengths(forest, data, rows)).toEqual(expected)
      },
    ),
    { numRuns: 60 },
  )
})

test('c(n) is that of equation 1, with the exact values for one and two rows', () => {
  expect(averagePathLength(1)).toBe(0)
  expect(averagePathLength(2)).toBe(1)
  expect(averagePathLength(256)).toBeCloseTo(10.2448, 4)
})

test('the same seed gives the same forest, another seed another', () => {
  const data = gaussian(500, 5, 1)
  const scores = (seed: number) => [...scoreForest(fitForest(data, 500, 5, { seed }), data, 500)]
  expect(scores(3)).toEqual(scores(3))
  expect(scores(3)).not.toEqual(scores(4))
})

test('a row far from all others scores highest, at any number of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), (columns, rows) => {
      const forest = fitForest(gaussian(400, columns, 2), 400, columns, { seed: 1 })
      const data = new Float32Array((rows + 1) * columns)
      data.fill(50, rows * columns)
      const scores = scoreForest(forest, data, rows + 1)
      for (let i = 0; i < rows; i++) expect(scores[rows]).toBeGreaterThan(scores[i])
    }),
    { numRuns: 30 },
  )
})

test('constant data cannot be isolated: every row is as ordinary as the next', () => {
  const scores = scoreForest(
    fitForest(new Float32Array(300).fill(7), 100, 3, { seed: 1 }),
    new Float32Array(12).fill(7),
    4,
  )
  for (const score of scores) expect(score).toBeCloseTo(0.5, 5)
})

test('the shares of the columns add up to the steps that were saved', () => {
  const forest = fitForest(gaussian(600, 6, 5), 600, 6, { seed: 2 })
  const rows = gaussian(50, 6, 6).map((value) => value * 3)
  const lengths = pathLengths(forest, rows, 50)
  for (let i = 0; i < 50; i++) {
    const saved = attribute(forest, rows.slice(i * 6, i * 6 + 6)).reduce((sum, share) => sum + share, 0)
    expect(saved).toBeCloseTo(averagePathLength(forest.sample) - lengths[i], 4)
  }
})

test('the column that is extreme gets the largest share', () => {
  const forest = fitForest(gaussian(600, 6, 5), 600, 6, { seed: 2 })
  const shares = attribute(forest, Float32Array.of(0, 0, 0, 30, 0, 0))
  expect(shares.indexOf(Math.max(...shares))).toBe(3)
})

test('the exported ONNX model scores in ONNX Runtime as we do', async () => {
  const forest = fitForest(gaussian(900, 7, 8), 900, 7, { seed: 4 })
  const data = gaussian(1500, 7, 9)
  const imported = await ImportedForest.open(exportForest(forest), 7)
  const theirs = await imported.score(data, 1500)
  const ours = scoreForest(forest, data, 1500)
  for (let i = 0; i < 1500; i++) expect(theirs[i]).toBeCloseTo(ours[i], 5)
})

test('an ONNX model for another number of columns is refused in words', async () => {
  const forest = fitForest(gaussian(300, 4, 8), 300, 4, { seed: 4 })
  await expect(ImportedForest.open(exportForest(forest), 9)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('9 columns'),
  })
  await expect(ImportedForest.open(Buffer.from('no model'), 4)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
})
