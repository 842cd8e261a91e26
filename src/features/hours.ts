const HOUR = 3_600_000
/** Events of a weekday after which its own hours count as much as those of all days. */
const BACKOFF = 50

/** How rare an hour of the week is. A weekday that has hardly been seen borrows the hours of the other days. */
export class Hours {
  /** Events per hour of the week, 7 x 24, Thursday first as the epoch has it. UTC. */
  readonly counts: Float64Array
  /** Bits of every hour, once learning has ended. */
  #frozen: Float64Array | undefined

  constructor(counts = new Float64Array(168)) {
    this.counts = counts
  }

  freeze(): void {
    this.#frozen = Float64Array.from(this.counts, (_, at) => this.#bits(Math.floor(at / 24), at % 24))
  }

  /** Bits of the hour of `time`, 0 where there is no time. */
  bits(time: number, learn: boolean): number {
    if (Number.isNaN(time)) return 0
    const hours = Math.floor(time / HOUR)
    const hour = ((hours % 24) + 24) % 24
    const day = ((Math.floor(hours / 24) % 7) + 7) % 7
    const bits = this.#frozen?.[day * 24 + hour] ?? this.#bits(day, hour)
    if (learn) this.counts[day * 24 + hour]++
    return bits
  }

  #bits(day: number, hour: number): number {
    let total = 0
    let ofHour = 0
    let ofDay = 0
    for (let d = 0; d < 7; d++) ofHour += this.counts[d * 24 + hour]
    for (let at = 0; at < 168; at++) total += this.counts[at]
    for (let h = 0; h < 24; h++) ofDay += this.counts[day * 24 + h]
    const anyDay = (ofHour + 1) / (total + 24)
    return -Math.log2((this.counts[day * 24 + hour] + BACKOFF * anyDay) / (ofDay + BACKOFF))
  }
}
