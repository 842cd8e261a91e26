/** Most buckets that are kept; with more the width doubles. */
const MAX_BUCKETS = 512
const START_WIDTH = 60_000

/** Events over log time: sparse buckets of one width, as it is stored with a batch. */
export interface Traffic {
  /** Width of a bucket, ms. */
  width: number
  /** Bucket number (time divided by width, rounded down) to events. */
  counts: Record<string, number>
}

export function emptyTraffic(): Traffic {
  return { width: START_WIDTH, counts: {} }
}

/** Counts events by their time, ms since the epoch; NaN is left out. Widens the buckets where they become too many. */
export function countTraffic(traffic: Traffic, time: Float64Array): void {
  let bucket = Number.NaN
  let run = 0
  for (let i = 0; i <= time.length; i++) {
    const next = i < time.length ? Math.floor(time[i] / traffic.width) : Number.NaN
    if (next === bucket) {
      run++
      continue
    }
    if (run > 0) add(traffic, bucket, run)
    // The width may have changed under a run that has just ended, so the bucket is taken anew.
    bucket = i < time.length ? Math.floor(time[i] / traffic.width) : Number.NaN
    run = Number.isNaN(bucket) ? 0 : 1
  }
}

function add(traffic: Traffic, bucket: number, count: number): void {
  const { counts } = traffic
  const known = counts[bucket]
  counts[bucket] = (known ?? 0) + count
  if (known === undefined && Object.keys(counts).length > MAX_BUCKETS) widen(traffic)
}

function widen(traffic: Traffic): void {
  while (Object.keys(traffic.counts).length > MAX_BUCKETS) {
    const wider: Record<string, number> = {}
    for (const [bucket, count] of Object.entries(traffic.counts)) {
      const parent = Math.floor(Number(bucket) / 2)
      wider[parent] = (wider[parent] ?? 0) + count
    }
    traffic.width *= 2
    traffic.counts = wider
  }
}

/**
 * Buckets of several batches on one scale of `slots` between two times. A bucket that lies across slots is shared among
 * them, so that even traffic is drawn even whatever the two widths; whole events, and as many as there are. What lies
 * outside is left out.
 */
export function sampleTraffic(
  parts: readonly Traffic[],
  from: number,
  until: number,
  slots: number,
): { readonly start: number; readonly width: number; readonly counts: number[] } {
  const shares = new Float64Array(slots)
  const width = Math.max(1, (until - from) / slots)
  for (const traffic of parts) {
    for (const [bucket, count] of Object.entries(traffic.counts)) {
      const start = (Number(bucket) * traffic.width - from) / width
      const end = start + traffic.width / width
      for (let slot = Math.max(0, Math.floor(start)); slot < Math.min(slots, end); slot++)
        shares[slot] += (count * (Math.min(end, slot + 1) - Math.max(start, slot))) / (end - start)
    }
  }
  let sum = 0
  let told = 0
  const counts = Array.from(shares, (share) => {
    sum += share
    const whole = Math.round(sum) - told
    told += whole
    return whole
  })
  return { start: from, width, counts }
}

/** Log time between two stretches that makes them two periods, ms: what lies further apart is no one story. */
const PERIOD_GAP = 14 * 86_400_000

/**
 * The busiest period of some batches: buckets with no gap of more than two weeks between them. A batch that also read
 * an old file, or a few lines with a wrong clock, is so shown where its traffic is. `whole` says whether that is all.
 */
export function busiestPeriod(
  parts: readonly Traffic[],
): { readonly first: number; readonly last: number; readonly whole: boolean } | undefined {
  const buckets = parts
    .flatMap(({ width, counts }) =>
      Object.entries(counts).map(([bucket, count]) => ({ start: Number(bucket) * width, width, count })),
    )
    .sort((a, b) => a.start - b.start)
  const periods: { first: number; last: number; count: number }[] = []
  for (const { start, width, count } of buckets) {
    const current = periods.at(-1)
    if (!current || start - current.last > PERIOD_GAP) periods.push({ first: start, last: start + width, count })
    else {
      current.last = Math.max(current.last, start + width)
      current.count += count
    }
  }
  if (periods.length === 0) return undefined
  const { first, last } = periods.reduce((a, b) => (b.count > a.count ? b : a))
  return { first, last, whole: periods.length === 1 }
}
