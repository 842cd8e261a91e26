import { averagePathLength, type Forest } from './forest.ts'

/**
 * How many steps of path length each column saved for one row, averaged over the trees: what made the row easy to
 * isolate. A split that sends the row from n rows to m saves c(n) - 1 - c(m) steps against what was to be expected, so
 * the columns add up to c(psi) - E(h(x)) exactly. Negative where a column made the row look ordinary.
 */
export function attribute(forest: Forest, row: Float32Array): Float64Array {
  const { trees, depth, feature, threshold, size, columns } = forest
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
      saved[feature[at]] += averagePathLength(parentSize) - 1 - averagePathLength(childSize)
      node = child
    }
  }
  for (let column = 0; column < columns; column++) saved[column] /= trees
  return saved
}
