import { type BlockFormat, type EventBlock, idsOf, own, type SecurityBlock } from '../../core/columns/block.ts'
import { IdPairs } from '../../core/columns/id-pairs.ts'
import { EVENT_TYPES } from '../../core/event-types.ts'

/** Kinds with a number of their own; all later kinds share the number 255, which has no name. */
const KINDS = 255
/** Pairs of program and event type that are remembered per format. */
const PAIRS = 4096
/** Characters of a program's name that are compared. */
const NAME = 48
const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES.filter((type) => type !== 'other'))

/**
 * Assigns a number to each kind of log. The kind of an HTTP event is its format. For security events, all known event
 * types (`EVENT_TYPES`) of one format are one kind, so the first event of a type is an anomaly and not a new kind of log.
 * Events of unknown type are told apart by the program that wrote them: a database that logs to the same syslog is a new
 * kind of log.
 */
export class LogKinds {
  /** In the order of first appearance; the index is the number. */
  readonly #names: string[]
  readonly #numbers: Map<string, number>
  /** Remembered pairs per format. */
  readonly #pairs = new Map<BlockFormat, Known>()

  constructor(names: readonly string[] = []) {
    this.#names = [...names]
    this.#numbers = new Map(names.map((name, number) => [name, number]))
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** Per event, the number of its kind of log, 0 to 255. */
  of(block: EventBlock): Uint8Array {
    const { count, format } = block
    if (block.kind === 'http') return new Uint8Array(count).fill(this.#number(format))
    const known = this.#pairs.get(format) ?? { pairs: new IdPairs(PAIRS), kinds: new Uint8Array(PAIRS) }
    this.#pairs.set(format, known)
    known.pairs.follow(idsOf(block.program, count), idsOf(block.eventType, count))
    return Uint8Array.from({ length: count }, (_, i) => this.#kind(block, i, known))
  }

  #kind(block: SecurityBlock, i: number, { pairs, kinds }: Known): number {
    const known = pairs.find(i)
    if (known >= 0) return kinds[known]
    const program = TYPES.has(block.eventType.at(i)) ? '' : programName(block.program.at(i))
    const kind = this.#number(program === '' ? block.format : `${block.format} ${program}`)
    const place = pairs.add(i)
    if (place >= 0) kinds[place] = kind
    return kind
  }

  #number(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    if (this.#names.length === KINDS) return KINDS
    this.#numbers.set(name, this.#names.length)
    return this.#names.push(name) - 1
  }
}

interface Known {
  readonly pairs: IdPairs
  /** Number of the kind of log, by the index of the pair of program and event type. */
  readonly kinds: Uint8Array
}

/** Removes path, instance and numbers: `/usr/sbin/cron`, `postfix/smtpd` and `docker/3fa85f64` become cron, postfix and docker. */
function programName(text: string): string {
  const program = text.startsWith('/') ? text.slice(text.lastIndexOf('/') + 1) : text
  const [name = ''] = /[\p{L}\p{N}_.-]+/u.exec(program.slice(0, NAME)) ?? []
  return own(name.replace(/\d+/g, '0'))
}
