import type { EventBlock } from '../../core/block.ts'
import { OddlineError } from '../../core/errors.ts'
import type { Evidence } from '../../core/finding.ts'
import { type Calibration, oneIn, tailShare } from '../../ensemble/calibrate.ts'
import { HttpProfiles } from '../../features/http-profiles.ts'
import { LoginProfiles } from '../../features/login-profiles.ts'
import type { Detector } from '../detector.ts'
import { combine } from './combine.ts'
import { explainRow } from './explain.ts'
import {
  decodeSessions,
  type Extractors,
  encodeSessions,
  extract,
  extractors,
  featureNames,
  newSessions,
  type Sessions,
} from './extractors.ts'
import type { ImportedForest } from './imported.ts'
import { type ForestModel, type ForestPart, KINDS, type Kind } from './model.ts'
import { scoreForest } from './score.ts'

/**
 * Odd requests and logins, by an isolation forest over their features and the profiles of their endpoints. Its raw score
 * is -log10 of the smallest tail share of its opinions (see `combine.ts`), to be read through `calibration`.
 */
export class IsolationForestDetector implements Detector {
  readonly name = 'isolation_forest'
  #model: ForestModel | undefined
  #sessions: Sessions
  #extractors: Extractors | undefined
  #rows: Float32Array = new Float32Array(0)
  #forestScores: Float32Array = new Float32Array(0)
  #imported: { [K in Kind]?: ImportedForest } = {}
  #scores: Float32Array = new Float32Array(0)

  constructor(model?: ForestModel, sessions: Sessions = newSessions()) {
    this.#sessions = sessions
    if (model !== undefined) this.use(model)
  }

  /**
   * Puts a model in force. Sessions go on as they are, or as those given: what the trainer remembers, the first time.
   * @throws OddlineError MODEL_INVALID where it was made for other features; the model before it then stays.
   */
  use(model: ForestModel, sessions: Sessions = this.#sessions): void {
    for (const kind of KINDS) {
      const part = model[kind]
      if (part !== undefined && part.features.join() !== featureNames(kind).join()) {
        throw new OddlineError(
          'MODEL_INVALID',
          `The isolation forest for ${kind} events was trained on other features than this version computes. Train anew.`,
        )
      }
    }
    const http = model.http === undefined ? new HttpProfiles() : HttpProfiles.restore(model.http.profiles)
    const login = model.security === undefined ? new LoginProfiles() : LoginProfiles.restore(model.security.profiles)
    http.freeze()
    login.freeze()
    this.#model = model
    this.#imported = {}
    this.#sessions = sessions
    this.#extractors = extractors(sessions, http, login)
  }

  /** How the scores of a block are to be read; undefined where there is no model for its kind. */
  calibration(block: EventBlock): Calibration | undefined {
    return this.#model?.[block.kind]?.calibration
  }

  /** Features of the block that was scored last, row by row, valid until the next. */
  get rows(): Float32Array {
    return this.#rows
  }

  /** At once, or a promise where an imported forest has to be asked. */
  score(block: EventBlock): Float32Array | Promise<Float32Array> {
    const part = this.#model?.[block.kind]
    if (part === undefined || this.#extractors === undefined) return new Float32Array(block.count).fill(Number.NaN)
    this.#rows = extract(this.#extractors, block)
    const { onnx } = part
    if (onnx !== undefined) return this.#scoreImported(block, part, onnx)
    this.#forestScores = scoreForest(part.forest, this.#rows, block.count)
    this.#scores = combine(part, this.#forestScores.slice(), this.#rows)
    return this.#scores
  }

  async #scoreImported(block: EventBlock, part: ForestPart, onnx: Uint8Array): Promise<Float32Array> {
    const rows = this.#rows
    // The runtime is loaded only where a model needs it.
    const { ImportedForest } = await import('./imported.ts')
    this.#imported[block.kind] ??= await ImportedForest.open(onnx, part.forest.columns)
    this.#forestScores = await this.#imported[block.kind]!.score(rows, block.count)
    this.#scores = combine(part, this.#forestScores.slice(), rows)
    return this.#scores
  }

  explain(block: EventBlock, index: number, calibrated: number): Evidence {
    const part = this.#model?.[block.kind]
    if (part === undefined || this.#extractors === undefined) throw new Error('There is no model that could explain')
    const { columns } = part.forest
    const row = this.#rows.slice(index * columns, (index + 1) * columns)
    const culprit = block.kind === 'http' ? this.#extractors.http.culprit(block, index) : ''
    const rarity = oneIn(tailShare(part.calibration, this.#scores[index]))
    const { features, summary } = explainRow(part, block.kind, {
      row,
      score: this.#forestScores[index],
      rarity,
      culprit,
    })
    return {
      detector: 'isolation_forest',
      score: calibrated,
      summary,
      raw_score: this.#forestScores[index],
      one_in: rarity,
      features,
    }
  }

  snapshot(): Uint8Array {
    return encodeSessions(this.#sessions)
  }

  restore(snapshot: Uint8Array): void {
    const model = this.#model
    try {
      this.#sessions = decodeSessions(snapshot)
    } catch (error) {
      this.#sessions = newSessions()
      throw error
    } finally {
      if (model !== undefined) this.use(model)
    }
  }
}
