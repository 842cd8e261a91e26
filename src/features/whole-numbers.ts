/** ln(1 + n) for small integers, which most lengths and counts are. */
const LOG1P = Float64Array.from({ length: 4096 }, (_, n) => Math.log1p(n))

/** `Math.log1p` with a table for small integers; the function itself would dominate the cost of a count. */
export function log1p(n: number): number {
  const whole = n | 0
  return whole === n && whole < LOG1P.length ? LOG1P[whole] : Math.log1p(n)
}

/** Exponential decay to 1/e in a number of seconds, with a table because most gaps are whole seconds. */
export class Decay {
  readonly #seconds: number
  readonly #known: Float64Array

  constructor(seconds: number) {
    this.#seconds = seconds
    this.#known = Float64Array.from({ length: 1024 }, (_, after) => Math.exp(-after / seconds))
  }

  /** The remaining part after `seconds`. */
  after(seconds: number): number {
    const whole = seconds | 0
    return whole === seconds && whole < this.#known.length ? this.#known[whole] : Math.exp(-seconds / this.#seconds)
  }
}
