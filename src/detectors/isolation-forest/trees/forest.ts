/**
 * An isolation forest (Liu, Ting & Zhou, ICDM 2008) in typed arrays. Every tree is a perfect binary heap of one depth:
 * node k has its children at 2k + 1 and 2k + 2, so that a walk needs neither pointers nor a test for leaves. Where a
 * tree ends early, the rest of its heap repeats the leaf.
 */
export interface Forest {
  readonly trees: number
  /** Rows that each tree was grown from (psi in the paper). */
  readonly sample: number
  /** Columns of a row. */
  readonly columns: number
  /** Length of every walk: ceil(log2(sample)). */
  readonly depth: number
  /** trees x (2^depth - 1): the column that decides at each inner node, and the value below which a row goes left. */
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  /** trees x 2^depth: path length h(x) of each leaf, with c(size) for what was not grown. */
  readonly length: Float32Array
  /** trees x (2^(depth+1) - 1): rows of the sample in each node; 0 in the repetition below a leaf. */
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

/** Average path length of an unsuccessful search in a binary search tree of n keys (equation 1). */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0
  if (n === 2) return 1
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n
}
