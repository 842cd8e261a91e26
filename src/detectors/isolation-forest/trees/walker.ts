import type { Forest } from './forest.ts'
import { type MemoryLayout, SIDE_BY_SIDE, walkModule } from './walk-module.ts'

/** Rows per call: few enough to stay in the processor's cache, enough to load each tree rarely. */
const ROWS = 512

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  walk(trees: number, rows: number): void
}

/** The part of the global that is used here. Its types exist only in the browser library of TypeScript. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** A forest in the memory of a WebAssembly module that walks it. */
export class Walker {
  readonly #forest: Forest
  readonly #exports: Exports
  readonly #rows: Float32Array
  readonly #sums: Float64Array

  constructor(forest: Forest) {
    const layout = layoutOf(forest)
    this.#forest = forest
    const instance = new WebAssembly.Instance(new WebAssembly.Module(walkModule(layout)))
    this.#exports = instance.exports as Exports
    const { buffer } = this.#exports.memory
    this.#rows = new Float32Array(buffer, layout.rows, ROWS * forest.columns)
    this.#sums = new Float64Array(buffer, layout.sums, ROWS)
    writeTrees(forest, layout, new DataView(buffer))
  }

  /** Mean path length E(h(x)) of each row. `data`: [rows, columns] flat. */
  pathLengths(data: Float32Array, rows: number): Float32Array {
    const { columns, trees } = this.#forest
    const out = new Float32Array(rows)
    for (let from = 0; from < rows; from += ROWS) {
      const count = Math.min(ROWS, rows - from)
      this.#rows.set(data.subarray(from * columns, (from + count) * columns))
      this.#sums.fill(0)
      // The count is rounded up; the sums of the extra rows are ignored.
      this.#exports.walk(trees, Math.ceil(count / SIDE_BY_SIDE) * SIDE_BY_SIDE)
      for (let i = 0; i < count; i++) out[from + i] = this.#sums[i] / trees
    }
    return out
  }
}

function layoutOf({ depth, columns, trees }: Forest): MemoryLayout {
  const tree = 8 * 2 ** (depth + 1)
  const row = 4 * columns
  const sums = tree + ROWS * row
  const first = sums + 8 * ROWS
  return { depth, tree, row, rows: tree, sums, trees: first, end: first + trees * tree }
}

function writeTrees(forest: Forest, layout: MemoryLayout, memory: DataView): void {
  const { depth, feature, threshold, length } = forest
  const inner = 2 ** depth - 1
  for (let tree = 0; tree < forest.trees; tree++) {
    const root = layout.trees + tree * layout.tree + 8
    for (let node = 0; node < inner; node++) {
      memory.setFloat32(root + 8 * node, threshold[tree * inner + node], true)
      memory.setInt32(root + 8 * node + 4, 4 * feature[tree * inner + node], true)
    }
    for (let leaf = 0; leaf <= inner; leaf++) {
      memory.setFloat64(root + 8 * (inner + leaf), length[tree * (inner + 1) + leaf], true)
    }
  }
}
