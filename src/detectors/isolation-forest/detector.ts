import type { EventBlock } from '../../core/columns/block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { OddlineError } from '../../core/errors.ts'
import { oneIn, tailShare } from '../../ensemble/calibrate.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { HttpProfiles } from '../../features/http/http-profiles.ts'
import { LoginProfiles } from '../../features/login/login-profiles.ts'
import type { Detector } from '../detector.ts'
import { combineScores } from './combine.ts'
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
import { type ForestModel, type ForestPart, KINDS, type Kind } from './model.ts'
import type { ImportedForest } from './trees/imported.ts'
import { scoreForest } from './trees/score.ts'

interface Scored {
  readonly rows: Float32Array
  readonly forestScores: Float32Array
  readonly scores: Float32Array
}

/**
 * Odd requests and logins, by an isolation forest over their features and the profiles of their endpoints. Its raw score
 * is -log10 of the smallest tail share of its opinions (see `combine.ts`), to be read through `calibration`.
 */
export class IsolationForestDetector implements Detector {
  readonly name = 'isolation_forest'
  #model: ForestModel | undefined
  #sessions: Sessions
  #extractors: Extractors | undefined
  /** What the scores of each block were made from, for as long as somebody holds the block. */
  readonly #scored = new WeakMap<EventBlock, Scored>()
  #imported: { [K in Kind]?: ImportedForest } = {}

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

  /** Features of a block that was scored, row by row; undefined for one that was not. */
  rowsOf(block: EventBlock): Float32Array | undefined {
    return this.#scored.get(block)?.rows
  }

  /** At once, or a promise where an imported forest has to be asked. */
  score(block: EventBlock): Float32Array | Promise<Float32Array> {
    const part = this.#model?.[block.kind]
    if (part === undefined || this.#extractors === undefined) return new Float32Array(block.count).fill(Number.NaN)
    // The extractor fills the same rows with each block, and these are kept.
    const rows = extract(this.#extractors, block).slice(0, block.count * part.forest.columns)
    const { onnx } = part
    if (onnx !== undefined) return this.#scoreImported(block, rows, part, onnx)
    return this.#combined(block, rows, part, scoreForest(part.forest, rows, block.count))
  }

  async #scoreImported(
    block: EventBlock,
    rows: Float32Array,
    part: ForestPart,
    onnx: Uint8Array,
  ): Promise<Float32Array> {
    // The runtime is loaded only where a model needs it.
    const { ImportedForest } = await import('./trees/imported.ts')
    this.#imported[block.kind] ??= await ImportedForest.open(onnx, part.forest.columns)
    return this.#combined(block, rows, part, await this.#imported[block.kind]!.score(rows, block.count))
  }

  #combined(block: EventBlock, rows: Float32Array, part: ForestPart, forestScores: Float32Array): Float32Array {
    const scores = combineScores(part, forestScores.slice(), rows)
    this.#scored.set(block, { rows, forestScores, scores })
    return scores
  }

  explain(block: EventBlock, index: number, calibrated: number): Evidence {
    const part = this.#model?.[block.kind]
    const scored = this.#scored.get(block)
    if (part === undefined || this.#extractors === undefined || scored === undefined)
      throw new Error('Only an event that this model has scored can be explained')
    const { rows, forestScores, scores } = scored
    const { columns } = part.forest
    const row = rows.slice(index * columns, (index + 1) * columns)
    const culprit = block.kind === 'http' ? this.#extractors.http.culprit(block, index) : ''
    const rarity = oneIn(tailShare(part.calibration, scores[index]))
    const { features, summary } = explainRow(part, block.kind, {
      row,
      score: forestScores[index],
      rarity,
      culprit,
    })
    return {
      detector: 'isolation_forest',
      score: calibrated,
      summary,
      raw_score: forestScores[index],
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
