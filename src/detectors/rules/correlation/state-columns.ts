import type { PackedArray } from '../../../core/pack.ts'

/** Numbers distinct texts in the order of first occurrence. */
export class Places {
  readonly texts: string[] = []
  readonly #places = new Map<string, number>()

  of(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    this.#places.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

/** The numbers in the smallest array type that represents them exactly. */
export function small(numbers: ArrayLike<number>): PackedArray {
  let most = 0
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]
    if (number !== number >>> 0 || Object.is(number, -0)) return new Float64Array(numbers)
    if (number > most) most = number
  }
  if (most < 256) return new Uint8Array(numbers)
  return most < 65_536 ? new Uint16Array(numbers) : new Uint32Array(numbers)
}
