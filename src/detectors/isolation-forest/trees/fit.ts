import { type Random, seeded } from '../../../core/random.ts'
import { averagePathLength, emptyForest, type Forest } from './forest.ts'

export interface FitOptions {
  readonly trees?: number
  /** Rows per tree, at most 65,535 and at most the number of rows. */
  readonly sample?: number
  readonly seed: number
}

/**
 * Grows a forest (Liu, Ting & Zhou 2008, algorithms 1 and 2). As in scikit-learn, a split draws only among columns that
 * still vary in the node, so constant columns do not waste depth.
 * @param data [rows, columns], row-major
 * @throws RangeError if there are no rows or more than 256 columns
 */
export function fitForest(data: Float32Array, rows: number, columns: number, options: FitOptions): Forest {
  if (rows < 1 || columns < 1 || columns > 256) throw new RangeError(`Cannot fit ${rows} rows of ${columns} columns`)
  const { trees = 100, seed } = options
  const sample = Math.min(options.sample ?? 256, rows, 65_535)
  const depth = Math.max(1, Math.ceil(Math.log2(sample)))
  const forest = emptyForest(trees, sample, columns, depth)
  const random = seeded(seed)
  const order = Int32Array.from({ length: rows }, (_, i) => i)
  for (let tree = 0; tree < trees; tree++) {
    for (let i = 0; i < sample; i++) {
      const j = i + Math.floor(random() * (rows - i))
      const picked = order[j]
      order[j] = order[i]
      order[i] = picked
    }
    new Grower(forest, data, order.slice(0, sample), tree, random).grow(0, 0, sample, 0)
  }
  return forest
}

class Grower {
  readonly #forest: Forest
  readonly #data: Float32Array
  readonly #rows: Int32Array
  readonly #random: Random
  readonly #inner: number
  readonly #tree: number
  readonly #candidates: Int32Array

  constructor(forest: Forest, data: Float32Array, rows: Int32Array, tree: number, random: Random) {
    this.#forest = forest
    this.#data = data
    this.#rows = rows
    this.#tree = tree
    this.#random = random
    this.#inner = 2 ** forest.depth - 1
    this.#candidates = Int32Array.from({ length: forest.columns }, (_, i) => i)
  }

  /** Grows a node from rows[from, to). */
  grow(node: number, from: number, to: number, depth: number): void {
    const forest = this.#forest
    forest.size[this.#tree * (2 * this.#inner + 1) + node] = to - from
    if (depth === forest.depth || to - from <= 1) {
      this.#leaf(node, depth, to - from)
      return
    }
    const columns = this.#candidates
    for (let left = columns.length; left > 0; left--) {
      const pick = Math.floor(this.#random() * left)
      const column = columns[pick]
      columns[pick] = columns[left - 1]
      columns[left - 1] = column
      const threshold = this.#threshold(column, from, to)
      if (Number.isNaN(threshold)) continue
      const middle = this.#partition(column, threshold, from, to)
      const at = this.#tree * this.#inner + node
      forest.feature[at] = column
      forest.threshold[at] = threshold
      this.grow(2 * node + 1, from, middle, depth + 1)
      this.grow(2 * node + 2, middle, to, depth + 1)
      return
    }
    this.#leaf(node, depth, to - from)
  }

  /** Draws a threshold between the minimum (exclusive) and the maximum of a column; NaN if they are equal. */
  #threshold(column: number, from: number, to: number): number {
    const { columns } = this.#forest
    let least = Number.POSITIVE_INFINITY
    let greatest = Number.NEGATIVE_INFINITY
    for (let i = from; i < to; i++) {
      const value = this.#data[this.#rows[i] * columns + column]
      if (value < least) least = value
      if (value > greatest) greatest = value
    }
    if (!(greatest > least)) return Number.NaN
    const threshold = Math.fround(least + this.#random() * (greatest - least))
    return threshold > least ? threshold : greatest
  }

  /** Moves the rows below the threshold to the front and returns where the others begin. */
  #partition(column: number, threshold: number, from: number, to: number): number {
    const rows = this.#rows
    const { columns } = this.#forest
    let middle = from
    for (let i = from; i < to; i++) {
      const row = rows[i]
      if (this.#data[row * columns + column] < threshold) {
        rows[i] = rows[middle]
        rows[middle++] = row
      }
    }
    return middle
  }

  #leaf(node: number, depth: number, size: number): void {
    const { depth: full, length } = this.#forest
    const levels = full - depth
    const first = (node + 1) * 2 ** levels - 1 - this.#inner
    const base = this.#tree * (this.#inner + 1)
    length.fill(depth + averagePathLength(size), base + first, base + first + 2 ** levels)
  }
}
