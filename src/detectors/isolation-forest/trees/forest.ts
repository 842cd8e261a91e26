/**
 * An isolation forest (Liu, Ting & Zhou, ICDM 2008) in typed arrays. Every tree is a perfect binary heap of the same depth:
 * the children of node k are 2k + 1 and 2k + 2. A walk needs no pointers and no test for leaves. Below a leaf that is
 * not at full depth, the heap repeats the leaf.
 */
export interface Forest {
  readonly trees: number
  /** Rows that each tree was grown from (psi in the paper). */
  readonly sample: number
  /** Columns of a row. */
  readonly columns: number
  /** Length of every walk: ceil(log2(sample)). */
  readonly depth: number
  /** [trees, 2^depth - 1]: column of each inner node. A row goes left if its value is below the threshold. */
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  /** [trees, 2^depth]: path length h(x) of each leaf, plus c(size) for the rows that were not separated. */
  readonly length: Float32Array
  /** [trees, 2^(depth + 1) - 1]: number of sample rows in each node; 0 for repeated leaves. */
  readonly size: Uint16Array
}

export function emptyForest(trees: number, sample: number, columns: number, depth: number): Forest {
  const inner = 2 ** depth - 1
  return {
    trees,
    sample,
    columns,
    depth,
    feature: new Uint8Array(trees * inner),
    threshold: new Float32Array(trees * inner).fill(Number.POSITIVE_INFINITY),
    length: new Float32Array(trees * (inner + 1)),
    size: new Uint16Array(trees * (2 * inner + 1)),
  }
}

/** c(n): average path length of an unsuccessful search in a binary search tree of n keys (equation 1 of the paper). */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0
  if (n === 2) return 1
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n
}
