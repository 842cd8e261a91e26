import type { BlockFormat } from '../../../core/columns/block.ts'
import { pack, unpack } from '../../../core/pack.ts'
import { type ClientSessionLimits, ClientSessions } from './client-sessions.ts'

const KIND = 'open sessions by format'
const VERSION = 1

/**
 * The open sessions of each log format. Formats are kept apart, because files are read in turns: the order of events from
 * different logs does not show what a client did.
 */
export class LogSessions {
  readonly #limits: ClientSessionLimits
  readonly #sessions = new Map<string, ClientSessions>()
  /** Sessions saved by a version without formats; the first format that appears takes them over. */
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
   * @param vocabulary number of tokens of the model
   * @throws Error if the snapshot cannot be read or belongs to another model
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

/** Undefined for a snapshot of an earlier version, or a damaged one. */
function unpacked(snapshot: Uint8Array) {
  try {
    return unpack(KIND, VERSION, snapshot).arrays
  } catch {
    return undefined
  }
}
