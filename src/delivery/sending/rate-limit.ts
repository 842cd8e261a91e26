/** A token bucket. It is stored with the other state of a sink, so it survives a restart. */
export interface Bucket {
  readonly tokens: number
  /** Time of `tokens`, ms since the epoch. */
  readonly at: number
}

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** The bucket at `now`, with the tokens of the elapsed time. A clock that went back adds none. */
export function refill(bucket: Bucket, rate: Rate, now: number): Bucket {
  const elapsed = Math.max(0, now - bucket.at)
  return { tokens: Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1000), at: now }
}

/** Ms until the bucket has one token; 0 if it has one now. */
export function waitMs(bucket: Bucket, rate: Rate): number {
  // Sums of fractions of tokens can miss 1 by a rounding error.
  return bucket.tokens >= 1 - 1e-9 ? 0 : Math.ceil(((1 - bucket.tokens) * 1000) / rate.perSecond)
}
