import { type EventBlock, sessionOf } from '../../../core/columns/block.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { type Session, SessionTable } from '../sessions/sessions.ts'

export interface CollectorLimits {
  /** Maximum number of templates in finished sessions; later sessions are dropped. */
  readonly maxTemplates?: number
  readonly maxSessions?: number
  /** A session ends after this silence in log time, ms. */
  readonly idleMs?: number
}

/** The training set of the transformer. */
export interface CollectedSessions {
  /** Template ids of each session in order. */
  readonly sequences: readonly Int32Array[]
  /** Per session, false if a limit or the end of the log cut it off. */
  readonly complete: readonly boolean[]
}

const MAX_TEMPLATES = 1_000_000
const MAX_SESSIONS = 10_000
const IDLE_MS = 30 * 60_000
/** Steps learnt of each session, so that one client that repeats itself for days does not dominate the training set. */
const LONGEST = 512
/** Marks a session with a flagged event, at its first position. */
const FLAGGED = -1
/** Value in `exclude` for an event that is skipped because enough of its kind of log was learnt. */
export const SURPLUS = 2

const KIND = 'collection of sessions'
const VERSION = 1

/**
 * Collects the sessions that a transformer is trained on, in bounded memory. A session with a flagged event is dropped as a
 * whole, because its other events probably belong to the same attack.
 */
export class SessionCollector {
  readonly #maxTemplates: number
  readonly #table: SessionTable
  #finished: { readonly templates: readonly number[]; readonly complete: boolean }[] = []
  #templates = 0

  constructor({ maxTemplates = MAX_TEMPLATES, maxSessions = MAX_SESSIONS, idleMs = IDLE_MS }: CollectorLimits = {}) {
    this.#maxTemplates = maxTemplates
    this.#table = new SessionTable({ maxSessions, idleMs, kept: LONGEST + 1 })
  }

  /** Collects a judged block. `templates`: template id per event; `flagged`: per event 0, 1 if flagged, or SURPLUS. */
  collect(block: EventBlock, templates: Int32Array, flagged: Uint8Array): void {
    for (let i = 0; i < block.count; i++) {
      if (flagged[i] === SURPLUS) continue
      // One session per format, as in `LogSessions`.
      const { session, ended } = this.#table.touch(`${block.format} ${sessionOf(block, i)}`, block.time[i])
      for (const over of ended) this.#finish(over)
      if (flagged[i] === 1) session.recent[0] = FLAGGED
      // Keep one more than is used, to tell a session that was cut off from one that ended there.
      else if (session.recent.length <= LONGEST) session.recent.push(templates[i])
    }
  }

  /** All sessions so far, including open ones. */
  sessions(): CollectedSessions {
    const open = this.#table.sessions().map(({ recent }) => ({ templates: recent, complete: false }))
    const all = [...this.#finished, ...open.filter(({ templates }) => templates.length > 0 && templates[0] !== FLAGGED)]
    return {
      sequences: all.map(({ templates }) => Int32Array.from(templates.slice(0, LONGEST))),
      complete: all.map(({ complete }) => complete),
    }
  }

  snapshot(): Uint8Array {
    return pack(KIND, VERSION, {
      meta: { open: Buffer.from(this.#table.snapshot()).toString('utf8') },
      arrays: {
        templates: Int32Array.from(this.#finished.flatMap(({ templates }) => templates)),
        lengths: Int32Array.from(this.#finished, ({ templates }) => templates.length),
        complete: Uint8Array.from(this.#finished, ({ complete }) => (complete ? 1 : 0)),
      },
    })
  }

  /** @throws OddlineError MODEL_INVALID if the snapshot cannot be read; the collector is then empty */
  restore(snapshot: Uint8Array): void {
    this.#table.clear()
    this.#finished = []
    this.#templates = 0
    try {
      const { meta, arrays } = unpack(KIND, VERSION, snapshot)
      this.#table.restore(Buffer.from(String(meta.open)))
      let at = 0
      arrays.lengths.forEach((length, i) => {
        this.#finished.push({
          templates: [...arrays.templates.slice(at, at + length)],
          complete: arrays.complete[i] === 1,
        })
        at += length
      })
      this.#templates = at
    } catch (error) {
      this.#finished = []
      if (error instanceof OddlineError) throw error
      throw new OddlineError('MODEL_INVALID', `The collected sessions cannot be read: ${messageOf(error)}.`)
    }
  }

  #finish({ recent }: Session): void {
    const templates = recent.slice(0, LONGEST)
    if (templates[0] === FLAGGED || this.#templates + templates.length > this.#maxTemplates) return
    this.#finished.push({ templates, complete: recent.length <= LONGEST })
    this.#templates += templates.length
  }
}
