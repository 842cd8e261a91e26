import type { EventBlock, SecurityBlock, StringColumn } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import { parseAddress } from '../sigma/cidr.ts'
import type { FieldValue } from '../sigma/expression.ts'
import { ColumnValues } from './column-values.ts'
import type { EventView, NativeField } from './view.ts'

/** Fields of a security event, in the order of their numbers. */
export const SECURITY_FIELDS = [
  { name: 'message', column: 'message', slot: 'scan', via: ['message'] },
  { name: 'event_type', column: 'event_type', slot: 'cached', via: ['event_type'] },
  { name: 'action', column: 'action', slot: 'cached', via: ['action'] },
  { name: 'program', column: 'program', slot: 'cached', via: ['program'] },
  { name: 'host', column: 'host', slot: 'cached', via: ['host'] },
  { name: 'user', column: 'user', slot: 'cached', via: ['user'] },
  { name: 'source_ip', column: 'source_ip', slot: 'none', via: [] },
  { name: 'outcome', column: 'outcome', slot: 'cached', via: ['outcome'] },
  { name: 'time', column: 'time', slot: 'none', via: [] },
  { name: 'source_network', column: 'source_ip', slot: 'none', via: [] },
  { name: 'time_slot', column: 'time', slot: 'none', via: [] },
] as const satisfies readonly NativeField[]

const NOTHING: readonly FieldValue[] = []
/** Names of the outcomes, by OUTCOME_* code. */
const OUTCOMES = ['', 'success', 'failure'] as const
const OUTCOME_VALUES: readonly (readonly FieldValue[])[] = OUTCOMES.map(present)
/** Fields that are not texts of the event. */
const DERIVED: ReadonlySet<string> = new Set(['time', 'source_network', 'time_slot'])
const SLOT_MS = 4 * 3_600_000

/** The text column of a field; undefined for fields without one. */
const COLUMNS: Readonly<Partial<Record<string, (block: SecurityBlock) => StringColumn>>> = {
  message: (block) => block.message,
  event_type: (block) => block.eventType,
  action: (block) => block.action,
  program: (block) => block.program,
  host: (block) => block.host,
  user: (block) => block.user,
  source_ip: (block) => block.sourceIp,
  source_network: (block) => block.sourceIp,
}

export class SecurityView implements EventView {
  block: SecurityBlock | undefined
  index = 0
  readonly #texts = SECURITY_FIELDS.map(({ name }) => {
    const column = COLUMNS[name]
    return column && { column, values: new ColumnValues(name === 'source_network' ? networkOf : present) }
  })
  /** The last time slot and its value, cached because events are mostly in the order of time. */
  #slot = Number.NaN
  #slotValue: readonly FieldValue[] = NOTHING

  /** Cached field values of the current event. */
  readonly #kept: (string | undefined)[] = SECURITY_FIELDS.map(() => undefined)
  readonly #keptOf = new Int32Array(SECURITY_FIELDS.length)

  move(block: EventBlock, index: number): void {
    if (block !== this.block) this.#keptOf.fill(-1)
    this.block = block as SecurityBlock
    this.index = index
  }

  values(field: number): readonly FieldValue[] {
    const text = this.#texts[field]
    return text ? text.values.at(text.column(this.block!), this.index) : this.#derived(field)
  }

  kept(field: number): string | undefined {
    if (this.#keptOf[field] !== this.index) this.#kept[field] = this.#keep(field)
    this.#keptOf[field] = this.index
    return this.#kept[field]
  }

  ids(field: number): Ids | undefined {
    if (SECURITY_FIELDS[field].name === 'source_network') return undefined
    return this.#texts[field]?.column(this.block!).ids
  }

  texts(): readonly string[] {
    const fields = SECURITY_FIELDS.map(({ name }, field) => (DERIVED.has(name) ? NOTHING : this.values(field)))
    return fields.flat().map(String)
  }

  #keep(field: number): string | undefined {
    const text = this.#texts[field]
    if (text) return text.values.kept(text.column(this.block!), this.index) || undefined
    const value = this.#derived(field)[0]
    return value === undefined ? undefined : String(value)
  }

  #derived(field: number): readonly FieldValue[] {
    const block = this.block!
    const name = SECURITY_FIELDS[field]?.name
    if (name === 'outcome') return OUTCOME_VALUES[block.outcome[this.index]]
    const time = block.time[this.index]
    if (Number.isNaN(time)) return NOTHING
    if (name === 'time') return [time]
    return name === 'time_slot' ? this.#timeSlot(time) : NOTHING
  }

  #timeSlot(time: number): readonly FieldValue[] {
    const slot = Math.floor(time / SLOT_MS)
    if (slot !== this.#slot) this.#slotValue = [timeSlot(time)]
    this.#slot = slot
    return this.#slotValue
  }
}

/** The text column of a field for the prefilter; outcomes are numbered by their code. */
export function securityColumn(block: SecurityBlock, field: number): StringColumn {
  const { name } = SECURITY_FIELDS[field]
  if (name !== 'outcome') return COLUMNS[name]!(block)
  const { outcome } = block
  const ids = { epoch: OUTCOME_EPOCH, size: OUTCOMES.length, of: Int32Array.from(outcome) }
  return { at: (index) => OUTCOMES[outcome[index]], ids }
}

const OUTCOME_EPOCH = Math.random()

function present(text: string): readonly FieldValue[] {
  return text === '' ? NOTHING : [text]
}

/** The network of an address, as an approximation of its provider: /16 of IPv4, /32 of IPv6. */
function networkOf(address: string): readonly FieldValue[] {
  const groups = parseAddress(address)
  if (!groups) return NOTHING
  if (groups.length === 2) return [`${groups[0] >> 8}.${groups[0] & 255}.0.0/16`]
  return [`${groups[0].toString(16)}:${groups[1].toString(16)}::/32`]
}

/** A four-hour slot of a working day or of a weekend, UTC: `workday 08-12`. */
function timeSlot(time: number): string {
  const date = new Date(time)
  const from = date.getUTCHours() & ~3
  const kind = date.getUTCDay() % 6 === 0 ? 'weekend' : 'workday'
  return `${kind} ${String(from).padStart(2, '0')}-${String(from + 4).padStart(2, '0')}`
}
