import { Tensor } from 'onnxruntime-node'
import type { Piece } from '../sessions/packing.ts'
import { PAD } from '../vocabulary.ts'

/** The input of one run of the network: rows of equal length, each with one window, left-aligned and padded. */
export class Pass {
  readonly #shape: readonly [rows: number, length: number]
  readonly #tokens: Int32Array
  readonly #wanted: Int32Array
  readonly #targets: Int32Array
  #count = 0

  constructor(rows: number, length: number) {
    this.#shape = [rows, length]
    this.#tokens = new Int32Array(rows * length).fill(PAD)
    this.#wanted = new Int32Array(rows * length)
    this.#targets = new Int32Array(rows * length)
  }

  /** Puts a window into a row. The results contain its counted predictions in the order of these calls. */
  lay({ tokens, from }: Piece, row: number): void {
    const start = row * this.#shape[1]
    const length = tokens.length - 1
    for (let i = 0; i < length; i++) this.#tokens[start + i] = tokens[i]
    for (let i = from; i < length; i++) {
      this.#wanted[this.#count] = start + i
      this.#targets[this.#count++] = tokens[i + 1]
    }
  }

  feeds(): Record<string, Tensor> {
    const n = this.#count
    return {
      tokens: new Tensor('int32', this.#tokens, this.#shape),
      wanted: new Tensor('int32', this.#wanted.subarray(0, n), [n]),
      targets: new Tensor('int32', this.#targets.subarray(0, n), [n]),
    }
  }
}
