import { type HttpBlock, idsOf, sessionHash } from '../../core/columns/block.ts'
import type { FeatureRows } from '../feature.ts'
import { LearningBudget } from '../learning-budget.ts'
import { ZONE_PATH, ZONE_QUERY } from '../structure.ts'
import { log1p } from '../whole-numbers.ts'
import { HTTP, HTTP_FEATURES } from './http-features.ts'
import type { HttpProfiles } from './http-profiles.ts'
import { HttpSessions } from './http-sessions.ts'
import { TargetShape } from './target-shape.ts'

const COLUMNS = HTTP_FEATURES.length
/** No shape: the target is not cached. */
const UNCACHED = -1

/**
 * Computes the feature rows of requests. Sessions hold what a client did before; profiles hold what is normal on this
 * server, and learn only from events that the mask allows. Events are processed one by one, so block boundaries make no
 * difference.
 */
export class HttpExtractor {
  readonly profiles: HttpProfiles
  readonly sessions: HttpSessions
  readonly budget: LearningBudget
  /** Endpoint of each event of the last block. */
  endpoints = new Int32Array(0)
  readonly #target = new TargetShape()
  #data = new Float32Array(0)
  #clients: Int32Array = new Int32Array(0)
  #targets: Int32Array = new Int32Array(0)

  constructor(profiles: HttpProfiles, sessions = new HttpSessions(), budget = new LearningBudget()) {
    this.profiles = profiles
    this.sessions = sessions
    this.budget = budget
  }

  /**
   * Returns one row per request. With `exclude`, requests with value 0 are learnt after their row is computed, within
   * the learning budget of their session.
   */
  extract(block: HttpBlock, exclude?: Uint8Array): FeatureRows {
    if (this.endpoints.length < block.count) {
      this.#data = new Float32Array(block.count * COLUMNS)
      this.endpoints = new Int32Array(block.count)
    }
    const clients = idsOf(block.client, block.count)
    this.#clients = clients.of
    this.#targets = idsOf(block.target, block.count).of
    this.sessions.follow(clients)
    this.profiles.follow(block)
    for (let i = 0; i < block.count; i++) this.#row(block, i, exclude !== undefined && exclude[i] === 0)
    return { rows: block.count, features: HTTP_FEATURES, data: this.#data }
  }

  #row(block: HttpBlock, i: number, allowed: boolean): void {
    const { profiles, sessions } = this
    const data = this.#data
    const row = i * COLUMNS
    const { targets } = profiles
    const shape = targets?.get(this.#targets[i], data, row) ?? UNCACHED
    const text = shape === UNCACHED ? block.target.latin1(i) : ''
    const endpoint = shape === UNCACHED ? this.#endpoint(text) : shape
    this.endpoints[i] = endpoint

    const status = block.status[i]
    sessions.update(this.#clients[i], block.client, i, block.time[i], status >= 400, endpoint)
    const learn = allowed && this.budget.spend(sessionHash(block, i), endpoint)
    if (shape === UNCACHED) {
      this.#measureTarget(text, endpoint, row, learn)
      targets?.put(this.#targets[i], data, row, endpoint)
    }

    data[row + HTTP.method_rarity] = profiles.methodBits(block.method, i, learn)
    data[row + HTTP.status_rarity] = profiles.statusBits(status, learn)
    data[row + HTTP.size_deviation] = profiles.sizes.deviation(endpoint, block.bytes[i], learn)
    profiles.agents.look(block.userAgent, i, learn)
    data[row + HTTP.agent_rarity] = profiles.agents.bits
    data[row + HTTP.agent_peak] = profiles.agents.peak
    profiles.referers.look(block.referer, i, learn)
    data[row + HTTP.referer_peak] = profiles.referers.peak

    data[row + HTTP.client_burst] = log1p(sessions.burst)
    data[row + HTTP.client_error_share] = sessions.errors
    data[row + HTTP.client_novelty] = sessions.novelty
    data[row + HTTP.client_gap] = log1p(sessions.gap)
    data[row + HTTP.client_jitter] = Math.min(sessions.jitter, 4)
    data[row + HTTP.client_night_share] = sessions.night
  }

  /** Reads the target and returns the id of its path shape. */
  #endpoint(text: string): number {
    this.#target.read(text)
    return this.profiles.shapes.shapeOf(text, 0, Math.min(text.length, this.#target.query - 1))
  }

  /** Computes the columns that depend on the target only. `#endpoint` must have read the target. */
  #measureTarget(text: string, endpoint: number, row: number, learn: boolean): void {
    const { parameters, structure } = this.profiles
    const data = this.#data
    const target = this.#target
    const end = text.length
    const query = Math.min(target.query, end)
    const pathEnd = Math.min(end, target.query - 1)
    const length = Math.max(1, end)
    data[row + HTTP.path_length] = log1p(pathEnd)
    data[row + HTTP.path_depth] = target.depth
    data[row + HTTP.query_length] = log1p(end - query)
    data[row + HTTP.digit_share] = target.digits / length
    data[row + HTTP.symbol_share] = target.symbols / length
    data[row + HTTP.upper_share] = target.uppers / length
    data[row + HTTP.escape_share] = (3 * target.escapes) / length
    data[row + HTTP.entropy] = target.entropy

    structure.measure(ZONE_PATH, text, 0, pathEnd, learn)
    let { mean, peak } = structure
    if (query < end) {
      structure.measure(ZONE_QUERY, text, query, end, learn)
      mean = Math.max(mean, structure.mean)
      peak = Math.max(peak, structure.peak)
    }
    data[row + HTTP.target_surprise] = mean
    data[row + HTTP.target_peak] = peak
    parameters.measure(endpoint, text, query, end, learn)
    data[row + HTTP.parameter_count] = parameters.count
    data[row + HTTP.longest_value] = log1p(parameters.longest)
    data[row + HTTP.parameter_oddity] = parameters.oddity
    data[row + HTTP.endpoint_rarity] = this.profiles.endpointBits(endpoint, learn)
  }
}
