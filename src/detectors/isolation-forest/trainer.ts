import { type EventBlock, sessionHash } from '../../core/columns/block.ts'
import { type PackedArray, pack, unpack } from '../../core/pack.ts'
import { HttpExtractor } from '../../features/http/http.ts'
import { HttpProfiles } from '../../features/http/http-profiles.ts'
import { LearningBudget } from '../../features/learning-budget.ts'
import { LoginExtractor } from '../../features/login/login.ts'
import { LoginProfiles } from '../../features/login/login-profiles.ts'
import {
  decodeSessions,
  type Extractors,
  encodeSessions,
  extract,
  extractors,
  featureNames,
  newSessions,
  SCHEMAS,
  type Sessions,
} from './extractors.ts'
import { type TrainingData, fitPartAround, fitPart } from './learn.ts'
import type { ForestModel, Kind } from './model.ts'
import { Reservoir } from './reservoir.ts'

const CAPACITY = 16_384

export interface ForestTrainerOptions {
  readonly seed: number
  readonly trees?: number
  readonly sample?: number
}

/**
 * Learns what is normal, in one cycle from its first block to `fit`: profiles grow event by event, and a bounded,
 * seeded sample of rows is kept. What is excluded (because a rule or the model in force flagged it) teaches nothing.
 * Memory is bounded whatever the traffic; the same blocks and seed give the same model.
 */
export class ForestTrainer {
  readonly #options: Required<ForestTrainerOptions>
  readonly #reservoirs: Record<Kind, Reservoir>
  #sessions: Sessions = newSessions()
  #extractors: Extractors

  constructor(options: ForestTrainerOptions) {
    this.#options = { trees: 100, sample: 256, ...options }
    this.#extractors = extractors(this.#sessions)
    this.#reservoirs = {
      http: new Reservoir(SCHEMAS.http.features.length, CAPACITY, options.seed),
      security: new Reservoir(SCHEMAS.security.features.length, CAPACITY, options.seed),
    }
  }

  /** Rows offered so far, over both kinds. */
  get rows(): number {
    return this.#reservoirs.http.seen + this.#reservoirs.security.seen
  }

  /** What is remembered of clients so far, to be handed to a detector that starts with the model. */
  get sessions(): Sessions {
    return this.#sessions
  }

  /**
   * Takes in a block; events where `exclude` is not 0 move the sessions but are not learnt. `streams` are the kinds of log
   * that its events are of, 0 to 255: a part of each is held out.
   */
  collect(block: EventBlock, exclude: Uint8Array, streams?: Uint8Array): void {
    const data = extract(this.#extractors, block, exclude)
    const reservoir = this.#reservoirs[block.kind]
    const patterns = block.kind === 'http' ? this.#extractors.http.endpoints : this.#extractors.security.kinds
    for (let i = 0; i < block.count; i++) {
      if (exclude[i] === 0)
        reservoir.offer(data, i * reservoir.columns, sessionHash(block, i), patterns[i], streams?.[i])
    }
  }

  /** The model of what was collected; a kind of which there was too little is absent. The trainer may go on. */
  fit(): ForestModel {
    return {
      http: fitPart(this.#data('http'), this.#options),
      security: fitPart(this.#data('security'), this.#options),
    }
  }

  /**
   * The same with ONNX forests of the user's own in place of ours, calibrated on what was collected.
   * @throws OddlineError MODEL_INVALID where one is not an isolation forest over our features.
   */
  async fitAround(imported: { readonly [K in Kind]?: Uint8Array }): Promise<ForestModel> {
    const { http, security } = imported
    return {
      http:
        http === undefined
          ? fitPart(this.#data('http'), this.#options)
          : await fitPartAround(this.#data('http'), http, this.#options),
      security:
        security === undefined
          ? fitPart(this.#data('security'), this.#options)
          : await fitPartAround(this.#data('security'), security, this.#options),
    }
  }

  #data(kind: Kind): TrainingData {
    return {
      reservoir: this.#reservoirs[kind],
      features: featureNames(kind),
      experts: SCHEMAS[kind].experts,
      profiles: this.#extractors[kind].profiles.snapshot(),
    }
  }

  snapshot(): Uint8Array {
    const { http, security } = this.#extractors
    const arrays: Record<string, PackedArray> = {
      sessions: encodeSessions(this.#sessions),
      httpProfiles: http.profiles.snapshot(),
      loginProfiles: security.profiles.snapshot(),
      httpBudget: http.budget.spent,
      loginBudget: security.budget.spent,
    }
    const seen: Record<string, number> = {}
    for (const kind of ['http', 'security'] as const) {
      const rows = this.#reservoirs[kind].snapshot()
      seen[kind] = rows.seen
      arrays[`${kind}.data`] = rows.data
      arrays[`${kind}.places`] = rows.places
      arrays[`${kind}.streams`] = rows.streams
      arrays[`${kind}.lengths`] = rows.lengths
      arrays[`${kind}.cells`] = rows.cells
    }
    return pack('forest training', 1, { meta: { seen }, arrays })
  }

  /** @throws OddlineError MODEL_INVALID; the trainer is then as it was. */
  restore(snapshot: Uint8Array): void {
    const { meta, arrays } = unpack('forest training', 1, snapshot)
    const bytes = arrays as Record<string, Uint8Array<ArrayBuffer>>
    const sessions = decodeSessions(bytes.sessions)
    const http = HttpProfiles.restore(bytes.httpProfiles)
    const login = LoginProfiles.restore(bytes.loginProfiles)
    this.#sessions = sessions
    this.#extractors = {
      http: new HttpExtractor(http, sessions.http, new LearningBudget(bytes.httpBudget)),
      security: new LoginExtractor(login, sessions.addresses, sessions.users, new LearningBudget(bytes.loginBudget)),
    }
    for (const kind of ['http', 'security'] as const) {
      this.#reservoirs[kind].restore({
        seen: (meta.seen as Record<Kind, number>)[kind],
        data: arrays[`${kind}.data`] as Float32Array,
        places: arrays[`${kind}.places`] as Float64Array,
        streams: arrays[`${kind}.streams`] as Uint8Array | undefined,
        lengths: arrays[`${kind}.lengths`] as Float64Array | undefined,
        cells: arrays[`${kind}.cells`] as Uint16Array,
      })
    }
  }
}
