import { averagePathLength, emptyForest, type Forest } from '../../../src/detectors/isolation-forest/trees/forest.ts'

/** A tree as scikit-learn keeps it: children by index (-1 for leaves), `value <= threshold` goes left. */
export interface SklearnTree {
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly feature: readonly number[]
  readonly threshold: readonly number[]
  readonly size: readonly number[]
}

/** The same forest in our layout, walk for walk. */
export function fromSklearn(trees: readonly SklearnTree[], sample: number, columns: number): Forest {
  const forest = emptyForest(trees.length, sample, columns, Math.ceil(Math.log2(sample)))
  trees.forEach((tree, t) => {
    copy(forest, tree, t, 0, 0, 0)
  })
  return forest
}

function copy(forest: Forest, tree: SklearnTree, t: number, from: number, node: number, depth: number): void {
  const inner = 2 ** forest.depth - 1
  forest.size[t * (2 * inner + 1) + node] = tree.size[from]
  if (tree.left[from] < 0) {
    const levels = forest.depth - depth
    const first = t * (inner + 1) + (node + 1) * 2 ** levels - 1 - inner
    forest.length.fill(depth + averagePathLength(tree.size[from]), first, first + 2 ** levels)
    return
  }
  forest.feature[t * inner + node] = tree.feature[from]
  forest.threshold[t * inner + node] = above(tree.threshold[from])
  copy(forest, tree, t, tree.left[from], 2 * node + 1, depth + 1)
  copy(forest, tree, t, tree.right[from], 2 * node + 2, depth + 1)
}

/** The least float32 greater than a number: for float32 values, `value <= number` is `value < above(number)`. */
function above(number: number): number {
  const float = Float32Array.of(number)
  if (float[0] > number) return float[0]
  const bits = new Int32Array(float.buffer)
  if (float[0] === 0) return 2 ** -149
  bits[0] += float[0] > 0 ? 1 : -1
  return float[0]
}
