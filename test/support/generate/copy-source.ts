import { type Random, seeded } from '../../../src/core/random.ts'

/** Half of the tokens are a copy of the one this far back; the others follow from the last one. */
const LAG = 7
const COPIES = 0.5
/** Tokens that can follow another. */
const BRANCHES = 4

/**
 * A source of known entropy that no table of pairs can predict: an order-1 Markov chain over `symbols` templates in
 * which each step is, with even chances, a copy of the step seven back instead.
 */
export class CopySource {
  readonly #symbols: number
  readonly #followers: Int32Array

  constructor(symbols: number, seed: number) {
    const random = seeded(seed)
    this.#symbols = symbols
    this.#followers = Int32Array.from({ length: symbols * BRANCHES }, () => Math.floor(random() * symbols))
  }

  sequence(length: number, random: Random): Int32Array {
    const tokens = new Int32Array(length)
    for (let i = 0; i < length; i++) {
      if (i === 0) tokens[i] = Math.floor(random() * this.#symbols)
      else if (i >= LAG && random() < COPIES) tokens[i] = tokens[i - LAG]
      else tokens[i] = this.#followers[tokens[i - 1] * BRANCHES + Math.floor(random() * BRANCHES)]
    }
    return tokens
  }

  /** The least mean negative log-likelihood of `sequence` that any model can reach, nats: the source's own. Its end, which is certain, counts as a step. */
  entropy(sequence: Int32Array): number {
    let sum = 0
    for (let i = 0; i < sequence.length; i++) sum -= Math.log(this.#probability(sequence, i))
    return sum / (sequence.length + 1)
  }

  #probability(tokens: Int32Array, i: number): number {
    if (i === 0) return 1 / this.#symbols
    let follows = 0
    for (let branch = 0; branch < BRANCHES; branch++) {
      if (this.#followers[tokens[i - 1] * BRANCHES + branch] === tokens[i]) follows += 1 / BRANCHES
    }
    if (i < LAG) return follows
    return COPIES * (tokens[i] === tokens[i - LAG] ? 1 : 0) + (1 - COPIES) * follows
  }
}
