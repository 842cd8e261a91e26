/** Most buckets stored; beyond that, the width doubles. */
const MAX_BUCKETS = 512
const START_WIDTH = 60_000

/** Number of events over log time, in sparse buckets of equal width, as stored with a batch. */
export interface Traffic {
  /** Width of a bucket, ms. */
  width: number
  /** Events per bucket number (time divided by width, rounded down). */
  counts: Record<string, number>
}

export function emptyTraffic(): Traffic {
  return { width: START_WIDTH, counts: {} }
}

/** Counts events by time, ms since the epoch; NaN is ignored. Widens the buckets if there are too many. */
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
    // `add` may have changed the width, so the bucket is computed again.
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
 * Resamples the buckets of several batches into `slots` equal slots between two times. A bucket that spans several
 * slots is shared among them in proportion, so even traffic stays even. Counts are whole numbers and keep the total;
 * events outside the range are ignored.
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
  let assigned = 0
  const counts = Array.from(shares, (share) => {
    sum += share
    const whole = Math.round(sum) - assigned
    assigned += whole
    return whole
  })
  return { start: from, width, counts }
}

/** A gap in log time of more than this, ms, separates two periods. */
const PERIOD_GAP = 14 * 86_400_000

/**
 * The period with the most events, where a gap of more than two weeks separates periods. It hides an old file or a few
 * lines with a wrong clock from a chart. `whole` is true if there is only one period.
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
