/** ln(1 + n) of small whole numbers, which most lengths and counts are. */
const LOG1P = Float64Array.from({ length: 4096 }, (_, n) => Math.log1p(n))

/** `Math.log1p`, which takes longer than everything else that is done with a count. */
export function log1p(n: number): number {
  const whole = n | 0
  return whole === n && whole < LOG1P.length ? LOG1P[whole] : Math.log1p(n)
}

/** What fades to 1/e in a number of seconds. Between most events of a log lies a whole number of them. */
export class Fading {
  readonly #seconds: number
  readonly #known: Float64Array

  constructor(seconds: number) {
    this.#seconds = seconds
    this.#known = Float64Array.from({ length: 1024 }, (_, after) => Math.exp(-after / seconds))
  }

  /** Part that is left after some seconds. */
  after(seconds: number): number {
    const whole = seconds | 0
    return whole === seconds && whole < this.#known.length ? this.#known[whole] : Math.exp(-seconds / this.#seconds)
  }
}
