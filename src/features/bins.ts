/** Bins per column: deciles of the training data, or fewer if values repeat. */
export const BINS = 10
const EDGES = BINS - 1
/** Smallest share, because an empty bin would make the index infinite. */
const LEAST = 1e-4

/** The distribution of each column of a feature matrix. */
export interface Bins {
  /** Nine upper edges (inclusive) per column; Infinity for unused ones. */
  readonly edges: Float32Array
  /** Share of the rows in each of ten bins per column. */
  readonly shares: Float32Array
}

/** Computes the bins of a matrix of rows x columns, row-major. */
export function binsOf(data: Float32Array, rows: number, columns: number): Bins {
  const edges = new Float32Array(columns * EDGES).fill(Number.POSITIVE_INFINITY)
  const shares = new Float32Array(columns * BINS)
  const column = new Float32Array(rows)
  for (let c = 0; c < columns; c++) {
    for (let row = 0; row < rows; row++) column[row] = data[row * columns + c]
    column.sort()
    let used = 0
    for (let tenth = 1; tenth < BINS && rows > 0; tenth++) {
      const edge = column[Math.min(rows - 1, Math.floor((tenth * rows) / BINS))]
      if (used === 0 || edge > edges[c * EDGES + used - 1]) edges[c * EDGES + used++] = edge
    }
    for (const value of column) shares[c * BINS + binOf(edges, c, value)] += 1 / rows
  }
  return { edges, shares }
}

/** The bin of a value of column `c`. */
export function binOf(edges: Float32Array, c: number, value: number): number {
  const first = c * EDGES
  let bin = 0
  while (bin < EDGES && value > edges[first + bin]) bin++
  return bin
}

/** The greatest edge of column `c`, at most the ninth decile: one in ten values is above it, or fewer. */
export function highEdge(edges: Float32Array, c: number): number {
  return edges.subarray(c * EDGES, (c + 1) * EDGES).findLast(Number.isFinite) ?? Number.POSITIVE_INFINITY
}

/**
 * Population stability index of column `c` (Siddiqi 2006): the sum over the bins of (now - then) ln(now / then). Below
 * 0.1: no significant change. From 0.25: another distribution.
 */
export function stabilityIndex({ shares }: Bins, counts: Float64Array, total: number, c: number): number {
  let sum = 0
  for (let bin = c * BINS; bin < (c + 1) * BINS; bin++) {
    const then = Math.max(LEAST, shares[bin])
    const now = Math.max(LEAST, counts[bin] / total)
    sum += (now - then) * Math.log(now / then)
  }
  return sum
}
