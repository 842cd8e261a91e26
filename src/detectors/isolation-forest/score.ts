import { averagePathLength, type Forest } from './forest.ts'

/**
 * Anomaly score of each row, 2^(-E(h(x)) / c(psi)) (equation 2): near 1 strange, near 0.5 and below ordinary.
 * Four rows walk a tree side by side, so that the processor waits for four loads at once instead of one after another.
 */
export function scoreForest(forest: Forest, data: Float32Array, rows: number): Float32Array {
  const lengths = pathLengths(forest, data, rows)
  const scale = -1 / (averagePathLength(forest.sample) || 1)
  for (let i = 0; i < rows; i++) lengths[i] = 2 ** (lengths[i] * scale)
  return lengths
}

/** Mean path length E(h(x)) of each row over the trees. */
export function pathLengths(forest: Forest, data: Float32Array, rows: number): Float32Array {
  const out = new Float32Array(rows)
  const { columns } = forest
  const whole = rows - (rows % 4)
  for (let row = 0; row < whole; row += 4) four(forest, data, row * columns, out, row)
  for (let row = whole; row < rows; row++) out[row] = one(forest, data, row * columns)
  return out
}

function four(forest: Forest, data: Float32Array, at: number, out: Float32Array, row: number): void {
  const { trees, depth, feature, threshold, length, columns } = forest
  const inner = (1 << depth) - 1
  const a = at
  const b = at + columns
  const c = b + columns
  const d = c + columns
  let sumA = 0
  let sumB = 0
  let sumC = 0
  let sumD = 0
  for (let tree = 0; tree < trees; tree++) {
    const base = tree * inner
    let ka = base
    let kb = base
    let kc = base
    let kd = base
    // With k = base + node the left child is at 2k - base + 1; a row that is not below the threshold goes one further.
    for (let level = 0; level < depth; level++) {
      ka = 2 * ka - base + 1 + (data[a + feature[ka]] < threshold[ka] ? 0 : 1)
      kb = 2 * kb - base + 1 + (data[b + feature[kb]] < threshold[kb] ? 0 : 1)
      kc = 2 * kc - base + 1 + (data[c + feature[kc]] < threshold[kc] ? 0 : 1)
      kd = 2 * kd - base + 1 + (data[d + feature[kd]] < threshold[kd] ? 0 : 1)
    }
    // k - base - inner is the leaf; the leaves of a tree start at tree * (inner + 1) = base + tree.
    const leaf = tree - inner
    sumA += length[ka + leaf]
    sumB += length[kb + leaf]
    sumC += length[kc + leaf]
    sumD += length[kd + leaf]
  }
  out[row] = sumA / trees
  out[row + 1] = sumB / trees
  out[row + 2] = sumC / trees
  out[row + 3] = sumD / trees
}

function one(forest: Forest, data: Float32Array, at: number): number {
  const { trees, depth, feature, threshold, length } = forest
  const inner = (1 << depth) - 1
  let sum = 0
  for (let tree = 0; tree < trees; tree++) {
    const base = tree * inner
    let k = base
    for (let level = 0; level < depth; level++) {
      k = 2 * k - base + 1 + (data[at + feature[k]] < threshold[k] ? 0 : 1)
    }
    sum += length[k + tree - inner]
  }
  return sum / trees
}
