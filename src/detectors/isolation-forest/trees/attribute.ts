import { averagePathLength, type Forest } from './forest.ts'

/** c(n) for n up to the sample size, by sample size. */
const LENGTHS = new Map<number, Float64Array>()

/**
 * Attributes the score of one row to its columns: how much each column shortened the path, averaged over the trees. A
 * split that leads from a node of n rows to one of m rows saves c(n) - 1 - c(m) steps of the expected length, so the
 * columns add up to exactly c(psi) - E(h(x)). Negative if a column made the row look ordinary.
 * @returns steps per column
 */
export function attribute(forest: Forest, row: Float32Array): Float64Array {
  const { trees, depth, feature, threshold, size, columns, sample } = forest
  const lengths = lengthsUpTo(sample)
  const inner = (1 << depth) - 1
  const saved = new Float64Array(columns)
  for (let tree = 0; tree < trees; tree++) {
    let node = 0
    for (let level = 0; level < depth; level++) {
      const at = tree * inner + node
      const child = 2 * node + (row[feature[at]] < threshold[at] ? 1 : 2)
      const parentSize = size[tree * (2 * inner + 1) + node]
      const childSize = size[tree * (2 * inner + 1) + child]
      if (childSize === 0) break
      saved[feature[at]] += lengths[parentSize] - 1 - lengths[childSize]
      node = child
    }
  }
  for (let column = 0; column < columns; column++) saved[column] /= trees
  return saved
}

function lengthsUpTo(sample: number): Float64Array {
  const known = LENGTHS.get(sample) ?? Float64Array.from({ length: sample + 1 }, (_, n) => averagePathLength(n))
  LENGTHS.set(sample, known)
  return known
}
