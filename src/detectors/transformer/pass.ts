import { Tensor } from 'onnxruntime-node'
import { PAD } from './vocabulary.ts'

/** What one pass over the network is given: rows of one length, each with one window from its first position on. */
export class Pass {
  readonly #shape: readonly [rows: number, length: number]
  readonly #tokens: Int32Array
  readonly #targets: Int32Array

  constructor(rows: number, length: number) {
    this.#shape = [rows, length]
    this.#tokens = new Int32Array(rows * length).fill(PAD)
    this.#targets = new Int32Array(rows * length).fill(PAD)
  }

  /** Lays a window into a row: each token but the last is seen, each but the first is predicted. */
  lay(tokens: Int32Array, row: number): void {
    const start = row * this.#shape[1]
    this.#tokens.set(tokens.subarray(0, -1), start)
    this.#targets.set(tokens.subarray(1), start)
  }

  feeds(): Record<string, Tensor> {
    return {
      tokens: new Tensor('int32', this.#tokens, this.#shape),
      targets: new Tensor('int32', this.#targets, this.#shape),
    }
  }
}
