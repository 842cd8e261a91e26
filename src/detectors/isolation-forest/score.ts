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
    let ka = 0
    let kb = 0
    let kc = 0
    let kd = 0
    // A comparison turned into a number costs no branch, which would be mispredicted every other time.
    for (let level = 0; level < depth; level++) {
      ka = (2 * ka + 1 + Number(data[a + feature[base + ka]] >= threshold[base + ka])) | 0
      kb = (2 * kb + 1 + Number(data[b + feature[base + kb]] >= threshold[base + kb])) | 0
      kc = (2 * kc + 1 + Number(data[c + feature[base + kc]] >= threshold[base + kc])) | 0
      kd = (2 * kd + 1 + Number(data[d + feature[base + kd]] >= threshold[base + kd])) | 0
    }
    const leaves = base + tree - inner
    sumA += length[leaves + ka]
    sumB += length[leaves + kb]
    sumC += length[leaves + kc]
    sumD += length[leaves + kd]
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
    let k = 0
    for (let level = 0; level < depth; level++) {
      k = (2 * k + 1 + Number(data[at + feature[base + k]] >= threshold[base + k])) | 0
    }
    sum += length[base + tree - inner + k]
  }
  return sum / trees
}
