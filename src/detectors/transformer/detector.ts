import { type EventBlock, sessionOf } from '../../core/block.ts'
import type { Evidence } from '../../core/finding.ts'
import type { Detector } from '../detector.ts'
import { explainStep } from './explain.ts'
import { PendingScores, pieceOf, tokensBefore } from './pending.ts'
import type { SequenceScorer } from './scorer.ts'
import { type Session, SessionTable } from './sessions.ts'

export interface TransformerDetectorOptions {
  /** The template of every event of a block. */
  readonly templatesOf: (block: EventBlock) => Int32Array
  /** Text of a template, for explanations. */
  readonly textOf: (template: number) => string
  /** "One in this many normal events scores as high", from the calibration. */
  readonly oneIn: (nats: number) => number
  /** Sessions held at most; the one that was silent longest gives way, without a judgement of its end. */
  readonly maxSessions?: number
  /** Silence in log time after which a session is over, ms. */
  readonly idleMs?: number
  /** Latest templates kept of each session; no less than the context of the models. */
  readonly kept?: number
}

/** A session that ended while the last block was scored, and how surprising its end is. */
export interface EndedSession {
  readonly key: string
  /** Log time of its last event, ms; NaN where none had one. */
  readonly time: number
  /** Events that it had. */
  readonly events: number
  /** Its latest templates; all of them where there are as many as events. */
  readonly templates: Int32Array
  /** Negative log-likelihood of its end after its last event, nats. */
  readonly score: number
  /** The highest score of its steps and its end, nats: with the templates, what `SessionRarity` judges a whole session by. */
  readonly worst: number
}

const MAX_SESSIONS = 10_000
const IDLE_MS = 30 * 60_000
const KEPT = 64

/** More than are ever on their way. */
const BLOCKS_LOOKED_BACK = 64

/** What `explain` needs of a block. */
interface Scored {
  readonly sessions: readonly Session[]
  readonly scorer: SequenceScorer
  readonly scores: Float32Array
  readonly places: Int32Array
}

/**
 * Odd next steps of sessions: the score of an event is the negative log-likelihood, in nats, of its template after the
 * templates before it in its session. It has an opinion of every event once it has a scorer, and follows sessions before.
 * Sessions are kept as templates, not tokens, so that they go on when a new model comes into force.
 */
export class TransformerDetector implements Detector {
  readonly name = 'transformer'
  readonly #options: TransformerDetectorOptions
  readonly #table: SessionTable
  #scorer: SequenceScorer | undefined
  /** The session of each event of the latest blocks. They are trimmed some blocks later, because `explain` looks back. */
  readonly #untrimmed: Session[][] = []
  readonly #scored = new WeakMap<EventBlock, Scored>()
  #ended: readonly EndedSession[] = []

  constructor(options: TransformerDetectorOptions, scorer?: SequenceScorer) {
    this.#options = options
    this.#table = new SessionTable({
      maxSessions: options.maxSessions ?? MAX_SESSIONS,
      idleMs: options.idleMs ?? IDLE_MS,
      kept: options.kept ?? KEPT,
    })
    this.#scorer = scorer
  }

  /** Puts a scorer in force; the one before it is the caller's to close, after the last `explain` of its block. */
  use(scorer: SequenceScorer): void {
    this.#scorer = scorer
  }

  /** The sessions that ended during the last `score`, in the order of their ends. */
  get ended(): readonly EndedSession[] {
    return this.#ended
  }

  async score(block: EventBlock): Promise<Float32Array> {
    const [scores] = await this.scoreMany([block])
    return scores
  }

  /** Events of one session share a pass over its windows, wherever in the blocks they are. */
  async scoreMany(blocks: readonly EventBlock[]): Promise<Float32Array[]> {
    this.#ended = []
    const scorer = this.#scorer
    const pending = scorer && new PendingScores(scorer.model)
    const ends: { readonly session: Session; readonly window: number; readonly place: number }[] = []
    const asked = blocks.map((block) => this.#ask(block, pending, ends))
    if (scorer === undefined || pending === undefined)
      return blocks.map((block) => new Float32Array(block.count).fill(Number.NaN))

    const parts = await scorer.scorePieces(pending.windows.map((window) => pieceOf(window, scorer.model)))
    const at = (window: number, place: number) => parts[window][place - pending.windows[window].first]
    const answers = asked.map(({ sessions, windows, places }, b) => {
      const scores = Float32Array.from(windows, (window, i) => at(window, places[i]))
      scores.forEach((score, i) => {
        sessions[i].worst = Math.max(sessions[i].worst, score)
      })
      // The caller may calibrate what it gets in place, so `explain` has its own.
      this.#scored.set(blocks[b], { scorer, scores: scores.slice(), places, sessions })
      return scores
    })
    this.#ended = ends.map(({ session, window, place }) => {
      const score = at(window, place)
      return {
        key: session.key,
        time: session.time,
        events: place - 1,
        templates: Int32Array.from(session.recent),
        score,
        worst: Math.max(session.worst, score),
      }
    })
    return answers
  }

  #ask(
    block: EventBlock,
    pending: PendingScores | undefined,
    ends: { readonly session: Session; readonly window: number; readonly place: number }[],
  ) {
    const templates = this.#options.templatesOf(block)
    const windows = new Int32Array(block.count)
    const places = new Int32Array(block.count)
    const sessions: Session[] = []
    for (let i = 0; i < block.count; i++) {
      const { session, ended } = this.#table.touch(sessionOf(block, i), block.time[i])
      if (pending !== undefined) {
        for (const over of ended) ends.push({ session: over, window: pending.ask(over, true), place: over.next })
        windows[i] = pending.ask(session, false)
      }
      places[i] = session.next
      sessions.push(session)
      session.recent.push(templates[i])
      session.next++
    }
    this.#untrimmed.push(sessions)
    if (this.#untrimmed.length > BLOCKS_LOOKED_BACK)
      for (const session of this.#untrimmed.shift()!) this.#table.trim(session)
    return { sessions, windows, places }
  }

  /** The model that scored the event explains it, also when another has come into force since. */
  async explain(block: EventBlock, index: number, calibrated: number): Promise<Evidence> {
    const scored = this.#scored.get(block)
    if (scored === undefined) throw new Error('Only an event of a block that was scored can be explained.')
    const { scorer, scores, places, sessions } = scored
    const session = sessions[index]
    return explainStep(scorer, tokensBefore(session, places[index], scorer.model), {
      seen: this.#options.textOf(session.recent.at(places[index] - session.next)!),
      nats: scores[index],
      oneIn: this.#options.oneIn(scores[index]),
      calibrated,
      textOf: this.#options.textOf,
    })
  }

  snapshot(): Uint8Array {
    return this.#table.snapshot()
  }

  restore(snapshot: Uint8Array): void {
    this.#untrimmed.splice(0)
    this.#ended = []
    this.#table.restore(snapshot)
  }
}
