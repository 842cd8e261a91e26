import { type EventBlock, OUTCOME_FAILURE, OUTCOME_SUCCESS, type SecurityBlock } from '../../../core/block.ts'
import { parseAddress } from '../sigma/cidr.ts'
import type { FieldValue } from '../sigma/expression.ts'
import type { EventView, NativeField } from './view.ts'

/** Fields of a login or another security event, in the order of their numbers. */
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
/** Not texts of the event. */
const DERIVED: ReadonlySet<string> = new Set(['time', 'source_network', 'time_slot'])

export class SecurityView implements EventView {
  #block: SecurityBlock | undefined
  #index = 0
  #known: (readonly FieldValue[] | undefined)[] = []

  move(block: EventBlock, index: number): void {
    this.#block = block as SecurityBlock
    this.#index = index
    this.#known = []
  }

  values(field: number): readonly FieldValue[] {
    this.#known[field] ??= this.#read(field)
    return this.#known[field]
  }

  texts(): readonly string[] {
    return SECURITY_FIELDS.flatMap(({ name }, field) => (DERIVED.has(name) ? [] : this.values(field).map(String)))
  }

  #read(field: number): readonly FieldValue[] {
    const block = this.#block!
    const name = SECURITY_FIELDS[field]?.name
    const time = block.time[this.#index]
    if (name === 'time') return Number.isNaN(time) ? NOTHING : [time]
    if (name === 'time_slot') return Number.isNaN(time) ? NOTHING : [timeSlot(time)]
    if (name === 'source_network') return networkOf(block.sourceIp.at(this.#index))
    const text = securityText(block, field, this.#index)
    return text === '' ? NOTHING : [text]
  }
}

/** One of the text fields by its number; empty where absent. */
export function securityText(block: SecurityBlock, field: number, index: number): string {
  switch (SECURITY_FIELDS[field].name) {
    case 'message':
      return block.message.at(index)
    case 'event_type':
      return block.eventType.at(index)
    case 'action':
      return block.action.at(index)
    case 'program':
      return block.program.at(index)
    case 'host':
      return block.host.at(index)
    case 'user':
      return block.user.at(index)
    case 'source_ip':
      return block.sourceIp.at(index)
    case 'outcome':
      return outcomeText(block.outcome[index])
    default:
      return ''
  }
}

/** The part of a provider's network that an address lies in: 16 bits of IPv4, 32 of IPv6. */
function networkOf(address: string): readonly FieldValue[] {
  const groups = parseAddress(address)
  if (!groups) return NOTHING
  if (groups.length === 2) return [`${groups[0] >> 8}.${groups[0] & 255}.0.0/16`]
  return [`${groups[0].toString(16)}:${groups[1].toString(16)}::/32`]
}

/** Four hours of a working day or of a weekend, UTC: `workday 08-12`. */
function timeSlot(time: number): string {
  const date = new Date(time)
  const from = date.getUTCHours() & ~3
  const kind = date.getUTCDay() % 6 === 0 ? 'weekend' : 'workday'
  return `${kind} ${String(from).padStart(2, '0')}-${String(from + 4).padStart(2, '0')}`
}

function outcomeText(outcome: number): string {
  if (outcome === OUTCOME_SUCCESS) return 'success'
  return outcome === OUTCOME_FAILURE ? 'failure' : ''
}
