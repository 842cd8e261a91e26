import { PairTable } from '../../core/columns/pair-table.ts'
import { mix, SliceTable } from '../../core/columns/slice-table.ts'
import { CLASS_OF, CLASSES, HEX, IS_SYMBOL } from '../char-classes.ts'

const PROFILES = 8192
const NAMES = 4096
/** Values kept per parameter; a parameter with more values is not an enumeration. */
const TOKENS = 16
/** Number of hash cells for the counts of parameter sets and orders. */
const CELLS = 1 << 16
/** Most parameters of a request; hostile requests carry thousands. */
const MAX_PARAMETERS = 64
/** The profile of all values of all parameters, for parameters that are new. */
const ANY = 0

/**
 * Profiles of the parameter values of each endpoint, after Kruegel & Vigna, "Anomaly detection of web-based attacks"
 * (CCS 2003): length (4.1, Chebyshev), character distribution (4.2), structure (4.3), token set (4.4), presence and
 * absence (4.5) and order (4.6) of parameters. Oddity is the sum of -ln p over the models. The number of observations
 * bounds each term, so a parameter seen twice cannot raise an alarm.
 */
export class ParameterProfiles {
  /** Oddity of the last request in nats, and the parameter with the highest oddity ('' for the set of parameters). */
  oddity = 0
  culprit = ''
  /** Number of parameters of the last request, and decoded length of their longest value. */
  count = 0
  longest = 0

  readonly names: SliceTable
  readonly profiles: PairTable
  readonly #seen = new Float64Array(PROFILES)
  readonly #lengthMean = new Float64Array(PROFILES)
  readonly #lengthM2 = new Float64Array(PROFILES)
  readonly #symbolMean = new Float64Array(PROFILES)
  readonly #symbolM2 = new Float64Array(PROFILES)
  readonly #classes = new Uint32Array(PROFILES * CLASSES)
  readonly #transitions = new Uint32Array(PROFILES * CLASSES)
  readonly #tokens = new Uint32Array(PROFILES * TOKENS)
  readonly #tokenCounts = new Uint32Array(PROFILES * TOKENS)
  readonly #requests = new Uint32Array(CELLS)
  readonly #sets = new Uint32Array(CELLS)
  readonly #orders = new Uint32Array(CELLS)

  // The last value read.
  #length = 0
  #symbols = 0
  #mask = 0
  #hash = 0
  readonly #steps = new Uint32Array(CLASSES)

  constructor() {
    this.names = new SliceTable(NAMES)
    this.profiles = new PairTable(PROFILES)
    this.profiles.intern(-1, -1)
  }

  /** Measures the query text[start, end) of an endpoint; with `learn`, it is learnt afterwards. */
  measure(endpoint: number, text: string, start: number, end: number, learn: boolean): void {
    this.oddity = 0
    this.culprit = ''
    this.count = 0
    this.longest = 0
    let set = 0
    let order = 0
    for (let from = start; from < end && this.count < MAX_PARAMETERS; ) {
      let equals = -1
      let to = from
      for (; to < end; to++) {
        const code = text.charCodeAt(to)
        if (code === 0x26) break
        if (code === 0x3d && equals < 0) equals = to
      }
      if (to > from) {
        const nameEnd = equals < 0 ? to : equals
        const name = learn ? this.names.intern(text, from, nameEnd) : this.names.find(text, from, nameEnd)
        const key = mix(name + 2)
        set = (set + key) | 0
        order = Math.imul(order, 31) + key
        this.count++
        this.#read(text, equals < 0 ? to : equals + 1, to)
        if (this.#length > this.longest) this.longest = this.#length
        const odd = this.#judge(endpoint, name, learn)
        if (odd > this.oddity) {
          this.oddity = odd
          this.culprit = text.slice(from, nameEnd)
        }
      }
      from = to + 1
    }
    const odd = this.#judgeSet(endpoint, set, order, learn)
    if (odd > this.oddity) {
      this.oddity = odd
      this.culprit = ''
    }
  }

  #read(text: string, start: number, end: number): void {
    this.#steps.fill(0)
    let length = 0
    let symbols = 0
    let mask = 0
    let hash = 0
    let before = 0
    for (let i = start; i < end; i++) {
      let code = text.charCodeAt(i)
      if (code === 0x25 && i + 2 < end) {
        const high = HEX[text.charCodeAt(i + 1) & 255]
        const low = HEX[text.charCodeAt(i + 2) & 255]
        if ((high | low) < 16) {
          code = (high << 4) | low
          i += 2
        }
      }
      const kind = code < 256 ? CLASS_OF[code] : 31
      length++
      symbols += IS_SYMBOL[kind]
      mask |= 1 << kind
      this.#steps[before] |= 1 << kind
      before = kind
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    this.#steps[before] |= 1
    this.#length = length
    this.#symbols = length === 0 ? 0 : symbols / length
    this.#mask = mask
    this.#hash = mix(hash) | 1
  }

  #judge(endpoint: number, name: number, learn: boolean): number {
    const own = name < 0 ? -1 : this.profiles.find(endpoint, name)
    // A value without a profile is compared with values of the same name elsewhere, then with all values.
    let profile = own
    if (profile < 0 && name >= 0) profile = this.profiles.find(-1, name)
    const odd = this.#oddityOf(profile < 0 ? ANY : profile)
    if (learn) {
      this.#learn(ANY)
      if (name >= 0) {
        const anywhere = this.profiles.intern(-1, name)
        if (anywhere >= 0) this.#learn(anywhere)
        const here = own >= 0 ? own : this.profiles.intern(endpoint, name)
        if (here >= 0) this.#learn(here)
      }
    }
    return odd
  }

  #oddityOf(profile: number): number {
    const n = this.#seen[profile]
    if (n === 0) return 0
    const limit = Math.log(n + 2)
    let odd = chebyshev(this.#length, this.#lengthMean[profile], this.#lengthM2[profile] / n, 1, limit)
    odd += chebyshev(this.#symbols, this.#symbolMean[profile], this.#symbolM2[profile] / n, 0.02, limit)

    let rarest = n
    for (let mask = this.#mask; mask !== 0; mask &= mask - 1) {
      const kind = 31 - Math.clz32(mask & -mask)
      const count = this.#classes[profile * CLASSES + kind]
      if (count < rarest) rarest = count
    }
    odd += -Math.log((rarest + 1) / (n + 2)) - Math.log((n + 2) / (n + 1))

    let unseenSteps = 0
    for (let kind = 0; kind < CLASSES; kind++) {
      let unseen = this.#steps[kind] & ~this.#transitions[profile * CLASSES + kind]
      for (; unseen !== 0; unseen &= unseen - 1) unseenSteps++
    }
    // The first unseen transition costs as much as the data supports; further ones add up to that much again.
    if (unseenSteps > 0) odd += limit * (1 + Math.min(unseenSteps - 1, 4) / 4)

    return odd + this.#tokenOddity(profile, n, limit)
  }

  #tokenOddity(profile: number, n: number, limit: number): number {
    const base = profile * TOKENS
    if (this.#tokens[base + TOKENS - 1] !== 0) return 0
    let once = 0
    for (let i = 0; i < TOKENS && this.#tokens[base + i] !== 0; i++) {
      if (this.#tokens[base + i] === this.#hash) return 0
      if (this.#tokenCounts[base + i] === 1) once++
    }
    return Math.min(limit, -Math.log((once + 1) / (n + 2)))
  }

  #learn(profile: number): void {
    const n = ++this.#seen[profile]
    const length = this.#length - this.#lengthMean[profile]
    this.#lengthMean[profile] += length / n
    this.#lengthM2[profile] += length * (this.#length - this.#lengthMean[profile])
    const symbols = this.#symbols - this.#symbolMean[profile]
    this.#symbolMean[profile] += symbols / n
    this.#symbolM2[profile] += symbols * (this.#symbols - this.#symbolMean[profile])
    for (let mask = this.#mask; mask !== 0; mask &= mask - 1) {
      this.#classes[profile * CLASSES + 31 - Math.clz32(mask & -mask)]++
    }
    for (let kind = 0; kind < CLASSES; kind++) this.#transitions[profile * CLASSES + kind] |= this.#steps[kind]
    const base = profile * TOKENS
    for (let i = 0; i < TOKENS; i++) {
      if (this.#tokens[base + i] === 0) this.#tokens[base + i] = this.#hash
      if (this.#tokens[base + i] === this.#hash) {
        this.#tokenCounts[base + i]++
        return
      }
    }
  }

  /** Presence, absence and order: how often the endpoint had this parameter set, and the set in this order. */
  #judgeSet(endpoint: number, set: number, order: number, learn: boolean): number {
    const place = mix(endpoint + 1)
    const requests = place & (CELLS - 1)
    const sets = mix(place ^ set) & (CELLS - 1)
    const orders = mix(Math.imul(place, 31) ^ order) & (CELLS - 1)
    const n = this.#requests[requests]
    const seen = Math.min(n, this.#sets[sets])
    const ordered = Math.min(seen, this.#orders[orders])
    const odd = -Math.log((seen + 1) / (n + 2)) - Math.log((ordered + 1) / (seen + 1)) - Math.log((n + 2) / (n + 1))
    if (learn) {
      this.#requests[requests]++
      this.#sets[sets]++
      this.#orders[orders]++
    }
    return odd
  }

  snapshot() {
    const used = this.profiles.size
    return {
      names: this.names.texts(),
      arrays: {
        pairs: this.profiles.pairs(),
        seen: this.#seen.slice(0, used),
        lengthMean: this.#lengthMean.slice(0, used),
        lengthM2: this.#lengthM2.slice(0, used),
        symbolMean: this.#symbolMean.slice(0, used),
        symbolM2: this.#symbolM2.slice(0, used),
        classes: this.#classes.slice(0, used * CLASSES),
        transitions: this.#transitions.slice(0, used * CLASSES),
        tokens: this.#tokens.slice(0, used * TOKENS),
        tokenCounts: this.#tokenCounts.slice(0, used * TOKENS),
        requests: this.#requests.slice(),
        sets: this.#sets.slice(),
        orders: this.#orders.slice(),
      },
    }
  }

  static restore(snapshot: ReturnType<ParameterProfiles['snapshot']>): ParameterProfiles {
    const profiles = new ParameterProfiles()
    const { arrays } = snapshot
    for (const name of snapshot.names) profiles.names.intern(name)
    for (let i = 2; i < arrays.pairs.length; i += 2) profiles.profiles.intern(arrays.pairs[i], arrays.pairs[i + 1])
    profiles.#seen.set(arrays.seen)
    profiles.#lengthMean.set(arrays.lengthMean)
    profiles.#lengthM2.set(arrays.lengthM2)
    profiles.#symbolMean.set(arrays.symbolMean)
    profiles.#symbolM2.set(arrays.symbolM2)
    profiles.#classes.set(arrays.classes)
    profiles.#transitions.set(arrays.transitions)
    profiles.#tokens.set(arrays.tokens)
    profiles.#tokenCounts.set(arrays.tokenCounts)
    profiles.#requests.set(arrays.requests)
    profiles.#sets.set(arrays.sets)
    profiles.#orders.set(arrays.orders)
    return profiles
  }
}

/** -ln of Chebyshev's bound on the distance above the mean. A value below the mean costs nothing. */
function chebyshev(value: number, mean: number, variance: number, floor: number, limit: number): number {
  const distance = value - mean
  if (distance <= 0) return 0
  const p = (variance + floor * floor) / (distance * distance)
  return p >= 1 ? 0 : Math.min(limit, -Math.log(p))
}
