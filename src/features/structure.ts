import { CLASS_OF, CLASSES, HEX } from './char-classes.ts'

/** Decay of surprise per character: the peak covers about five consecutive characters. */
const FADE = 0.8
/** Weight of the shorter context in the interpolation, as a number of observations. */
const BACKOFF = 2

export const ZONES = 4
export const ZONE_PATH = 0
export const ZONE_QUERY = 1
export const ZONE_AGENT = 2
export const ZONE_REFERER = 3

/**
 * A second-order Markov chain over character classes for each zone (path, query, User-Agent, Referer), with
 * percent-escapes decoded. It replaces the induced automaton in the structural inference of Kruegel & Vigna (CCS 2003,
 * section 4.3) by smoothed counts, so the data limits the cost of an unseen transition.
 */
export class StructureModel {
  /** Mean surprise of the last text per character, and surprise of its most surprising part, in nats. */
  mean = 0
  peak = 0
  /** Where the most surprising part ends in the text. */
  peakEnd = 0
  /** Counts of (zone, class before last, last class, this class); below, their sums over the contexts. */
  readonly counts: Uint32Array
  readonly #afterTwo = new Uint32Array(ZONES << 10)
  readonly #pairs = new Uint32Array(ZONES << 10)
  readonly #afterOne = new Uint32Array(ZONES << 5)
  readonly #singles = new Uint32Array(ZONES << 5)
  readonly #total = new Uint32Array(ZONES)
  /** Every cost in nats; present after `freeze`. */
  #costs: Float32Array | undefined

  constructor(counts = new Uint32Array(ZONES << 15)) {
    this.counts = counts
    for (let at = 0; at < counts.length; at++) if (counts[at] > 0) this.#sum(at, counts[at])
  }

  /** Stops learning; measuring becomes a table lookup per character. */
  freeze(): void {
    this.#costs = new Float32Array(this.counts.length)
    for (let at = 0; at < this.counts.length; at++) this.#costs[at] = this.#cost(at)
  }

  /** Measures text[start, end) into `mean` and `peak`; with `learn`, it is also learnt. */
  measure(zone: number, text: string, start: number, end: number, learn: boolean): void {
    const base = zone << 15
    const costs = this.#costs
    let context = 0
    let faded = 0
    let peak = 0
    let peakEnd = start
    let sum = 0
    let steps = 0
    for (let i = start; i <= end; i++) {
      let code = 0
      if (i < end) {
        code = text.charCodeAt(i)
        if (code === 0x25 && i + 2 < end) {
          const high = HEX[text.charCodeAt(i + 1) & 255]
          const low = HEX[text.charCodeAt(i + 2) & 255]
          if ((high | low) < 16) {
            code = (high << 4) | low
            i += 2
          }
        }
        code = code < 256 ? CLASS_OF[code] : 31
      }
      const at = (context << 5) | code
      context = at & 1023
      const surprise = costs === undefined ? this.#cost(base | at) : costs[base | at]
      if (learn) this.#add(base | at)
      faded = faded * FADE + surprise
      if (faded > peak) {
        peak = faded
        peakEnd = i + 1
      }
      sum += surprise
      steps++
    }
    this.mean = sum / steps
    this.peak = peak
    this.peakEnd = Math.min(peakEnd, end)
  }

  #add(at: number): void {
    this.counts[at]++
    this.#sum(at, 1)
  }

  #sum(at: number, count: number): void {
    const zone = at >> 15
    this.#afterTwo[at >> 5] += count
    this.#pairs[(zone << 10) | (at & 1023)] += count
    this.#afterOne[(zone << 5) | ((at >> 5) & 31)] += count
    this.#singles[(zone << 5) | (at & 31)] += count
    this.#total[zone] += count
  }

  /** P(c | a b) backs off to P(c | b), then P(c), then 1 / CLASSES. */
  #cost(at: number): number {
    const zone = at >> 15
    const one = (this.#singles[(zone << 5) | (at & 31)] + 1 / CLASSES) / (this.#total[zone] + 1)
    const two =
      (this.#pairs[(zone << 10) | (at & 1023)] + BACKOFF * one) /
      (this.#afterOne[(zone << 5) | ((at >> 5) & 31)] + BACKOFF)
    return -Math.log((this.counts[at] + BACKOFF * two) / (this.#afterTwo[at >> 5] + BACKOFF))
  }
}
