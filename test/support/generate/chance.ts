import { type Random, seeded } from '../../../src/core/random.ts'

/** Draws from seeded chance, so that the same seed writes the same log. */
export class Chance {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.#random()
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]
  }

  /** An exponential waiting time with this mean. */
  wait(mean: number): number {
    return -Math.log(1 - this.#random()) * mean
  }
}

/**
 * Zipf's law over ranks 0 to n - 1: rank r is drawn in proportion to 1 / (r + 1)^s. Drawn through a table of 65,536
 * quantiles, so that a draw costs one look-up; ranks rarer than the table's resolution share its last entries.
 */
export class Zipf {
  readonly #quantiles = new Uint32Array(65_536)
  readonly #chance: Chance

  constructor(chance: Chance, n: number, s: number) {
    this.#chance = chance
    let total = 0
    for (let rank = 0; rank < n; rank++) total += (rank + 1) ** -s
    let rank = 0
    let mass = 1 / total
    for (let i = 0; i < this.#quantiles.length; i++) {
      while (mass < (i + 0.5) / this.#quantiles.length && rank < n - 1) mass += (++rank + 1) ** -s / total
      this.#quantiles[i] = rank
    }
  }

  draw(): number {
    return this.#quantiles[this.#chance.below(65_536)]
  }
}
