import type { BlockFormat } from '../../../core/columns/block.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { ClientSessions, type ClientSessionLimits } from './client-sessions.ts'

const KIND = 'open sessions by format'
const VERSION = 1

/**
 * The open sessions of each format of log. Files are read in turns, so the order in which events of several logs come
 * says nothing of what a client did.
 */
export class LogSessions {
  readonly #limits: ClientSessionLimits
  readonly #sessions = new Map<string, ClientSessions>()
  /** Of a version that did not tell formats apart; they go to the first one that comes. */
  #inherited: ClientSessions | undefined

  constructor(limits: ClientSessionLimits) {
    this.#limits = limits
  }

  of(format: BlockFormat): ClientSessions {
    const sessions = this.#sessions.get(format) ?? this.#inherited ?? new ClientSessions(this.#limits)
    this.#inherited = undefined
    this.#sessions.set(format, sessions)
    return sessions
  }

  snapshot(): Uint8Array {
    const arrays = Object.fromEntries([...this.#sessions].map(([format, sessions]) => [format, sessions.snapshot()]))
    return pack(KIND, VERSION, { meta: {}, arrays })
  }

  /**
   * `vocabulary`: of the model that they are for.
   * @throws Error where the snapshot cannot be read, or is not of such a model
   */
  static restore(limits: ClientSessionLimits, snapshot: Uint8Array, vocabulary: number): LogSessions {
    const sessions = new LogSessions(limits)
    const saved = unpacked(snapshot)
    if (saved === undefined) sessions.#inherited = ClientSessions.restore(limits, snapshot, vocabulary)
    for (const [format, bytes] of Object.entries(saved ?? {})) {
      sessions.#sessions.set(format, ClientSessions.restore(limits, bytes as Uint8Array, vocabulary))
    }
    return sessions
  }
}

/** Undefined for what an earlier version kept, and for what nobody can read. */
function unpacked(snapshot: Uint8Array) {
  try {
    return unpack(KIND, VERSION, snapshot).arrays
  } catch {
    return undefined
  }
}
