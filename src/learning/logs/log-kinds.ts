import { type BlockFormat, type EventBlock, idsOf, own, type SecurityBlock } from '../../core/columns/block.ts'
import { IdPairs } from '../../core/columns/id-pairs.ts'
import { EVENT_TYPES } from '../../core/event-types.ts'

/** Kinds that are told apart; all that come later are one that has no name. */
const KINDS = 255
const PAIRS = 4096
/** Characters of a program's name that count. */
const NAME = 48
const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES.filter((type) => type !== 'other'))

/**
 * Numbers for kinds of log. Events of a type of our vocabulary are of one kind for each format, so that the first event
 * of its type is odd and not a new kind. What is no more than a text to us goes by the program that wrote it: who adds
 * their database to the same syslog adds a kind of log.
 */
export class LogKinds {
  /** In the order of first sight. */
  readonly #names: string[]
  readonly #numbers: Map<string, number>
  /** By format, which the numbers of a dictionary know nothing of. */
  readonly #pairs = new Map<BlockFormat, Known>()

  constructor(names: readonly string[] = []) {
    this.#names = [...names]
    this.#numbers = new Map(names.map((name, number) => [name, number]))
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** The number of the kind of each event. */
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
  /** By the place of a pair of program and type. */
  readonly kinds: Uint8Array
}

/** Without path, instance and numbers: `/usr/sbin/cron`, `postfix/smtpd` and `docker/3fa85f64` are cron, postfix and docker. */
function programName(text: string): string {
  const program = text.startsWith('/') ? text.slice(text.lastIndexOf('/') + 1) : text
  const [name = ''] = /[\p{L}\p{N}_.-]+/u.exec(program.slice(0, NAME)) ?? []
  return own(name.replace(/\d+/g, '0'))
}
