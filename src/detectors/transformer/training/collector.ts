import { type EventBlock, sessionOf } from '../../../core/columns/block.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { type Session, SessionTable } from '../sessions/sessions.ts'

export interface CollectorLimits {
  /** Templates of finished sessions that are kept; what comes after is not taken in. */
  readonly maxTemplates?: number
  readonly maxSessions?: number
  /** Silence in log time after which a session is over, ms. */
  readonly idleMs?: number
}

export interface CollectedSessions {
  /** Template ids of each session in order. */
  readonly sequences: readonly Int32Array[]
  /** Whether a session came to its end, or was cut off by a limit or the end of the log so far. */
  readonly complete: readonly boolean[]
}

const MAX_TEMPLATES = 1_000_000
const MAX_SESSIONS = 10_000
const IDLE_MS = 30 * 60_000
/** A session teaches its first steps only: one client that repeats itself for days cannot become most of what is normal. */
const LONGEST = 512
/** Stands in a session for an event that was flagged. */
const FLAGGED = -1
/** Marks an event, where those that were flagged are, that is left out because there was enough of its kind. */
export const SURPLUS = 2

const KIND = 'collection of sessions'
const VERSION = 1

/**
 * Gathers the sessions that a transformer learns from, within bounds. A session with an event that was flagged teaches
 * nothing: its other steps are likely to belong to the same story.
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

  /** Takes in a block that was judged: the template of each event, and 1 for each that was flagged, or SURPLUS. */
  collect(block: EventBlock, templates: Int32Array, flagged: Uint8Array): void {
    for (let i = 0; i < block.count; i++) {
      if (flagged[i] === SURPLUS) continue
      // As where they are judged: the order of events of several logs says nothing.
      const { session, ended } = this.#table.touch(`${block.format} ${sessionOf(block, i)}`, block.time[i])
      for (const over of ended) this.#finish(over)
      if (flagged[i] === 1) session.recent[0] = FLAGGED
      // One more than is used, which tells a session that was cut off from one that ended just there.
      else if (session.recent.length <= LONGEST) session.recent.push(templates[i])
    }
  }

  /** What was gathered so far, with the sessions that are still open. */
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

  /** @throws OddlineError MODEL_INVALID where the snapshot cannot be read; the collector is then as new. */
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
      throw new OddlineError('MODEL_INVALID', `The sessions gathered so far cannot be read: ${messageOf(error)}.`)
    }
  }

  #finish({ recent }: Session): void {
    const templates = recent.slice(0, LONGEST)
    if (templates[0] === FLAGGED || this.#templates + templates.length > this.#maxTemplates) return
    this.#finished.push({ templates, complete: recent.length <= LONGEST })
    this.#templates += templates.length
  }
}
