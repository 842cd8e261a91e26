import { CLASS_OF, DIGIT, IS_SYMBOL, UPPER } from '../char-classes.ts'

/** Growth of n log2 n from n to n + 1. */
const GROWTH = Float64Array.from({ length: 8192 }, (_, n) => xlogx(n + 1) - xlogx(n))

/** Counts the characters of a request target, in one pass. */
export class TargetShape {
  /** Start of the query, after its `?`; `end + 1` if there is none. */
  query = 0
  depth = 0
  digits = 0
  symbols = 0
  uppers = 0
  escapes = 0
  /** Shannon entropy, bits per character. */
  entropy = 0
  readonly #histogram = new Uint16Array(256)

  read(text: string): void {
    const end = text.length
    const histogram = this.#histogram
    // Longer texts add nothing to the histogram, and its counts would overflow.
    const stop = Math.min(end, GROWTH.length)
    let query = end + 1
    let depth = 0
    let digits = 0
    let symbols = 0
    let uppers = 0
    let escapes = 0
    let sum = 0
    for (let i = 0; i < stop; i++) {
      const code = text.charCodeAt(i) & 255
      const kind = CLASS_OF[code]
      if (kind === DIGIT) digits++
      else if (kind === UPPER) uppers++
      else symbols += IS_SYMBOL[kind]
      if (code === 0x2f) {
        if (query > end) depth++
      } else if (code === 0x25) escapes++
      else if (code === 0x3f && query > end) query = i + 1
      sum += GROWTH[histogram[code]++]
    }
    for (let i = 0; i < stop; i++) histogram[text.charCodeAt(i) & 255] = 0
    this.entropy = stop === 0 ? 0 : Math.log2(stop) - sum / stop
    if (query > end && stop < end) {
      const found = text.indexOf('?', stop)
      if (found >= 0 && found < end) query = found + 1
    }
    this.query = query
    this.depth = depth
    this.digits = digits
    this.symbols = symbols
    this.uppers = uppers
    this.escapes = escapes
  }
}

function xlogx(n: number): number {
  return n === 0 ? 0 : n * Math.log2(n)
}
