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
import { fitPart, fitPartAround, type TrainingData } from './learn.ts'
import type { ForestModel, Kind } from './model.ts'
import { Reservoir } from './reservoir.ts'

/** Rows sampled per kind of event. */
const CAPACITY = 16_384

export interface ForestTrainerOptions {
  readonly seed: number
  readonly trees?: number
  readonly sample?: number
}

/**
 * Collects training data for the forest and fits it. Profiles are updated event by event, and a bounded, seeded sample of
 * rows is kept. Excluded events, such as flagged ones, are not learnt. Memory is bounded for any traffic. The same
 * blocks and seed give the same model.
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

  /** Rows offered so far, of both kinds. */
  get rows(): number {
    return this.#reservoirs.http.seen + this.#reservoirs.security.seen
  }

  /** State of the clients so far, for a detector that continues with the model. */
  get sessions(): Sessions {
    return this.#sessions
  }

  /**
   * Collects a block.
   * @param exclude events where it is not 0 update the sessions but are not learnt
   * @param streams per event, the number of its kind of log, 0 to 255; a part of each is held out
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

  /** Fits a model. A kind with too few events is absent. Collecting may continue afterwards. */
  fit(): ForestModel {
    return {
      http: fitPart(this.#trainingData('http'), this.#options),
      security: fitPart(this.#trainingData('security'), this.#options),
    }
  }

  /**
   * Like `fit`, but a user's ONNX forest replaces ours and is calibrated on the collected data.
   * @throws OddlineError MODEL_INVALID if one is not an isolation forest over our features
   */
  async fitAround(imported: { readonly [K in Kind]?: Uint8Array }): Promise<ForestModel> {
    const { http, security } = imported
    return {
      http:
        http === undefined
          ? fitPart(this.#trainingData('http'), this.#options)
          : await fitPartAround(this.#trainingData('http'), http, this.#options),
      security:
        security === undefined
          ? fitPart(this.#trainingData('security'), this.#options)
          : await fitPartAround(this.#trainingData('security'), security, this.#options),
    }
  }

  #trainingData(kind: Kind): TrainingData {
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
      arrays[`${kind}.sessions`] = rows.sessions
      arrays[`${kind}.lengths`] = rows.lengths
      arrays[`${kind}.cells`] = rows.cells
    }
    return pack('forest training', 1, { meta: { seen }, arrays })
  }

  /** @throws OddlineError MODEL_INVALID if the snapshot is damaged; the trainer is then unchanged */
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
        sessions: arrays[`${kind}.sessions`] as Int32Array | undefined,
        lengths: arrays[`${kind}.lengths`] as Float64Array | undefined,
        cells: arrays[`${kind}.cells`] as Uint16Array,
      })
    }
  }
}
