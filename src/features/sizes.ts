const ENDPOINTS = 4096

/** Mean and standard deviation of the logarithm of the response size per endpoint (Welford 1962). */
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

  /**
   * Distance of a size from the endpoint's mean in standard deviations; 0 while there are fewer than five observations.
   */
  deviation(endpoint: number, bytes: number, learn: boolean): number {
    if (bytes < 0) return 0
    const size = Math.log1p(bytes)
    const seen = this.#seen[endpoint]
    const off = size - this.#mean[endpoint]
    // The 0.5 nats allow for small edits of a page that always had the same size.
    const deviation = seen < 5 ? 0 : Math.abs(off) / (Math.sqrt(this.#m2[endpoint] / seen) + 0.5)
    if (learn) {
      const n = ++this.#seen[endpoint]
      this.#mean[endpoint] += off / n
      this.#m2[endpoint] += off * (size - this.#mean[endpoint])
    }
    return deviation
  }

  /** The usual response size of an endpoint, bytes. */
  usual(endpoint: number): number {
    return Math.expm1(this.#mean[endpoint])
  }

  arrays() {
    return { sizeSeen: this.#seen, sizeMean: this.#mean, sizeM2: this.#m2 }
  }
}
