/** A token bucket as two numbers, so that it can be stored with the rest of a sink's state and outlive a restart. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** The bucket at `now`: filled for the time that passed; a clock that went back adds nothing. */
export function refill(bucket: Bucket, rate: Rate, now: number): Bucket {
  const elapsed = Math.max(0, now - bucket.at)
  return { tokens: Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1000), at: now }
}

/** Ms until one token is there; 0 if there is one now. */
export function waitMs(bucket: Bucket, rate: Rate): number {
  // A hair of tolerance: sums of fractions of tokens may miss a whole one by rounding.
  return bucket.tokens >= 1 - 1e-9 ? 0 : Math.ceil(((1 - bucket.tokens) * 1000) / rate.perSecond)
}
