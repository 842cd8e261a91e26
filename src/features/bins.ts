/** Bins of a column: tenths of what it was in the training data, or fewer where values repeat. */
export const BINS = 10
const EDGES = BINS - 1
/** Shares below this count as this, as is usual for the index: an empty bin would make it infinite. */
const LEAST = 1e-4

/** How each column of a feature matrix was distributed. */
export interface Bins {
  /** Per column nine upper edges, the bin's own included; Infinity where there are fewer. */
  readonly edges: Float32Array
  /** Per column the share of the rows in each of ten bins. */
  readonly shares: Float32Array
}

/** Bins for rows x columns, row-major. */
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

/**
 * The population stability index of column `c`: the sum over the bins of (now - then) ln(now / then). Below 0.1 nothing
 * has changed to speak of, from 0.25 on it is another distribution (Siddiqi 2006).
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
