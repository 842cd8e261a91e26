import type { EventBlock } from '../../core/columns/block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { OddlineError } from '../../core/errors.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import { howRare } from '../../ensemble/how-rare.ts'
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
  sayings,
} from './extractors.ts'
import { type ForestModel, type ForestPart, KINDS, type Kind } from './model.ts'
import type { ImportedForest } from './trees/imported.ts'
import { scoreForest } from './trees/score.ts'

/** What the scores of a block were computed from. */
interface Scored {
  /** Feature matrix, [events, columns] flat. */
  readonly rows: Float32Array
  readonly forestScores: Float32Array
  readonly scores: Float32Array
}

/**
 * Finds unusual requests and logins with an isolation forest over their features. The raw score is -log10 of the smallest
 * tail share (see `combine.ts`); `calibration` gives its distribution on normal events.
 */
export class IsolationForestDetector implements Detector {
  readonly name = 'isolation_forest'
  #model: ForestModel | undefined
  #sessions: Sessions
  #extractors: Extractors | undefined
  /** Kept for explanations as long as the caller holds the block. */
  readonly #scored = new WeakMap<EventBlock, Scored>()
  #imported: { [K in Kind]?: ImportedForest } = {}

  constructor(model?: ForestModel, sessions: Sessions = newSessions()) {
    this.#sessions = sessions
    if (model !== undefined) this.use(model)
  }

  /**
   * Replaces the model.
   * @param sessions state of the clients; the present state if absent
   * @throws OddlineError MODEL_INVALID if the model was trained on other features; the previous model then stays
   */
  use(model: ForestModel, sessions: Sessions = this.#sessions): void {
    for (const kind of KINDS) {
      const part = model[kind]
      if (part !== undefined && part.features.join() !== featureNames(kind).join()) {
        throw new OddlineError(
          'MODEL_INVALID',
          `The isolation forest for ${kind} events was trained on other features than this version computes. Train again (oddline train).`,
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

  /** The distribution of raw scores for this kind of block; undefined if there is no model for it. */
  calibration(block: EventBlock): Calibration | undefined {
    return this.#model?.[block.kind]?.calibration
  }

  /** Feature matrix of a scored block, [events, columns] flat; undefined if the block was not scored. */
  rowsOf(block: EventBlock): Float32Array | undefined {
    return this.#scored.get(block)?.rows
  }

  /** Synchronous, unless the user imported a forest of their own. NaN for all events if there is no model for their kind. */
  score(block: EventBlock): Float32Array | Promise<Float32Array> {
    const part = this.#model?.[block.kind]
    if (part === undefined || this.#extractors === undefined) return new Float32Array(block.count).fill(Number.NaN)
    // Copy the rows, because the extractor reuses its buffer for the next block.
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
    // Load ONNX Runtime only if a model needs it.
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
    const rarity = howRare(part.calibration, scores[index])
    const { features, summary } = explainRow(part, block.kind, {
      row,
      score: forestScores[index],
      rarity,
      sayings: sayings(this.#extractors, block, index, row, part.medians),
    })
    return {
      detector: 'isolation_forest',
      score: calibrated,
      summary,
      raw_score: forestScores[index],
      one_in: rarity.oneIn,
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
