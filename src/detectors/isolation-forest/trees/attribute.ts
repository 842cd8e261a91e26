import { averagePathLength, type Forest } from './forest.ts'

/** Average path lengths by number of rows, up to the sample of a forest. */
const LENGTHS = new Map<number, Float64Array>()

/**
 * How many steps of path length each column saved for one row, averaged over the trees: what made the row easy to
 * isolate. A split that sends the row from n rows to m saves c(n) - 1 - c(m) steps against what was to be expected, so
 * the columns add up to c(psi) - E(h(x)) exactly. Negative where a column made the row look ordinary.
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
