import type { Chance } from './chance.ts'

const DAY = 86_400

/** Time of a busy log: it rises and falls with the day, and now and then a burst comes at ten times the rate. */
export class LogClock {
  /** Seconds since the epoch. */
  now: number
  readonly #chance: Chance
  readonly #mean: number
  #burst = 0

  /** `rate` is the mean number of lines a second. */
  constructor(chance: Chance, start: number, rate: number) {
    this.#chance = chance
    this.now = start
    this.#mean = 1 / rate
  }

  /** Moves on to the next line. */
  tick(): void {
    const hour = (this.now % DAY) / 3600
    // A parabola between 0.3 at midnight and 1.6 at noon: cheaper than a sine, and as good.
    const daily = 0.3 + 1.3 * (1 - ((hour - 12) / 12) ** 2)
    let mean = this.#mean / daily
    if (this.#burst > 0) {
      this.#burst--
      mean /= 10
    } else if (this.#chance.unit() < 0.000_02) this.#burst = 500 + this.#chance.below(4000)
    // The uniform law has the mean of the exponential one, without its logarithm.
    this.now += mean * 2 * this.#chance.unit()
  }
}
