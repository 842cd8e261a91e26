const ENDPOINTS = 4096

/** Mean and spread of the logarithm of the response size per endpoint (Welford's recurrence). */
export class ResponseSizes {
  readonly #seen: Float64Array
  readonly #mean: Float64Array
  readonly #m2: Float64Array

  constructor(
    seen = new Float64Array(ENDPOINTS),
    mean = new Float64Array(ENDPOINTS),
    m2 = new Float64Array(ENDPOINTS),
  ) {
    this.#seen = seen
    this.#mean = mean
    this.#m2 = m2
  }

  /** Standard deviations between this size and the endpoint's mean; 0 while too little is known. */
  deviation(endpoint: number, bytes: number, learn: boolean): number {
    if (bytes < 0) return 0
    const size = Math.log1p(bytes)
    const seen = this.#seen[endpoint]
    const off = size - this.#mean[endpoint]
    // Half a nat of slack: an endpoint that has always answered with the same page is allowed to be edited.
    const deviation = seen < 5 ? 0 : Math.abs(off) / (Math.sqrt(this.#m2[endpoint] / seen) + 0.5)
    if (learn) {
      const n = ++this.#seen[endpoint]
      this.#mean[endpoint] += off / n
      this.#m2[endpoint] += off * (size - this.#mean[endpoint])
    }
    return deviation
  }

  arrays() {
    return { sizeSeen: this.#seen, sizeMean: this.#mean, sizeM2: this.#m2 }
  }
}
