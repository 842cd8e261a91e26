import type { EventBlock } from '../../core/columns/block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Rareness } from '../../ensemble/how-rare.ts'
import type { Detector, Explained } from '../detector.ts'
import { explainSteps } from './explain.ts'
import type { SequenceScorer } from './scoring/scorer.ts'
import type { ClientSessionLimits } from './sessions/client-sessions.ts'
import { layOutSessions, type SessionLayout } from './sessions/layout.ts'
import { LogSessions } from './sessions/log-sessions.ts'
import { windowOf } from './sessions/windows.ts'

export interface TransformerDetectorOptions {
  /** The template of every event of a block. */
  readonly templatesOf: (block: EventBlock) => Int32Array
  /** Text of a template, for explanations; it does not change. */
  readonly textOf: (template: number) => string
  /** How rare a score is among normal events, by the calibration. */
  readonly rarity: (nats: number) => Rareness
  /** Maximum number of open sessions. The one that was silent longest is dropped first. */
  readonly maxSessions?: number
  /** A session ends after this silence in log time, ms. */
  readonly idleMs?: number
}

const MAX_SESSIONS = 65_536
const IDLE_MS = 30 * 60_000

/** Data of a scored block that explanations need. */
interface Scored extends Pick<SessionLayout, 'tokens' | 'at' | 'places'> {
  /** Index of the block's first event in `at` and `places`. */
  readonly offset: number
  readonly templates: Int32Array
  /** A copy, because the caller may overwrite the scores that it received. */
  readonly scores: Float32Array
}

/**
 * Finds unusual next steps in sessions. The score of an event is the negative log-likelihood, in nats, of its template
 * given the previous templates of its session. It never abstains.
 */
export class TransformerDetector implements Detector {
  readonly name = 'transformer'
  readonly #options: TransformerDetectorOptions
  readonly #limits: ClientSessionLimits
  readonly #scorer: SequenceScorer
  #sessions: LogSessions
  readonly #texts = new Map<number, string>()
  /** Kept for explanations as long as the caller holds the block. */
  readonly #scored = new WeakMap<EventBlock, Scored>()

  constructor(options: TransformerDetectorOptions, scorer: SequenceScorer) {
    this.#options = options
    this.#scorer = scorer
    this.#limits = {
      maxSessions: options.maxSessions ?? MAX_SESSIONS,
      idleMs: options.idleMs ?? IDLE_MS,
      kept: scorer.model.dimensions.context,
    }
    this.#sessions = new LogSessions(this.#limits)
  }

  async score(block: EventBlock): Promise<Float32Array> {
    return (await this.scoreMany([block]))[0]
  }

  /**
   * Scores blocks in reading order, with the same scores as one by one. It is faster, because the context of a session is
   * read once per call. As soon as this returns its promise, `snapshot` gives the state after these blocks.
   */
  async scoreMany(blocks: readonly EventBlock[]): Promise<Float32Array[]> {
    const scorer = this.#scorer
    const templates = blocks.map((block) => this.#options.templatesOf(block))
    const logs = [...new Set(blocks.map(({ format }) => format))].map((format) => {
      const own = [...blocks.keys()].filter((b) => blocks[b].format === format)
      const [of, theirs] = [own.map((b) => blocks[b]), own.map((b) => templates[b])]
      return { of, templates: theirs, ...layOutSessions(this.#sessions.of(format), of, theirs, scorer.model) }
    })
    const parts = await scorer.scorePieces(logs.flatMap(({ pieces }) => pieces))
    let next = 0
    for (const { of, templates, tokens, at, places, pieces, starts } of logs) {
      const nats = new Float32Array(tokens.length)
      pieces.forEach(({ from }, p) => {
        nats.set(parts[next + p], starts[p] + from + 1)
      })
      next += pieces.length
      let offset = 0
      for (const [b, block] of of.entries()) {
        const scores = new Float32Array(block.count)
        for (let i = 0; i < block.count; i++) scores[i] = nats[at[offset + i]]
        this.#scored.set(block, { tokens, at, places, offset, templates: templates[b], scores })
        offset += block.count
      }
    }
    return blocks.map((block) => this.#scored.get(block)!.scores.slice())
  }

  async explain(block: EventBlock, index: number, calibrated: number): Promise<Evidence> {
    return (await this.explainMany(block, [{ index, calibrated }]))[0]
  }

  /** Explains events of a block that was scored; other blocks may have been scored since. */
  async explainMany(block: EventBlock, events: readonly Explained[]): Promise<Evidence[]> {
    const scored = this.#scored.get(block)
    if (scored === undefined) throw new Error('Only an event of a block that was scored can be explained.')
    const { tokens, offset, templates, scores } = scored
    const { dimensions, overlap } = this.#scorer.model
    const steps = events.map(({ index, calibrated }) => {
      const at = scored.at[offset + index]
      const place = scored.places[offset + index]
      const { start } = windowOf(place, dimensions.context, overlap)
      return {
        before: tokens.subarray(at - (place - start), at),
        seen: this.#text(templates[index]),
        nats: scores[index],
        rarity: this.#options.rarity(scores[index]),
        kind: block.kind,
        calibrated,
      }
    })
    return explainSteps(this.#scorer, steps, (template) => this.#text(template))
  }

  #text(template: number): string {
    const text = this.#texts.get(template) ?? this.#options.textOf(template)
    this.#texts.set(template, text)
    return text
  }

  snapshot(): Uint8Array {
    return this.#sessions.snapshot()
  }

  restore(snapshot: Uint8Array): void {
    this.#sessions = new LogSessions(this.#limits)
    try {
      this.#sessions = LogSessions.restore(this.#limits, snapshot, this.#scorer.model.dimensions.vocabulary)
    } catch (error) {
      if (error instanceof OddlineError) throw error
      throw new OddlineError(
        'MODEL_INVALID',
        `The saved sessions of the transformer cannot be read (${messageOf(error)}). ` +
          'Sessions start empty: their first events are judged without earlier context.',
        { cause: error },
      )
    }
  }
}
