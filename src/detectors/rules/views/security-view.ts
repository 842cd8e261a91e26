import { type EventBlock, OUTCOME_FAILURE, OUTCOME_SUCCESS, type SecurityBlock } from '../../../core/block.ts'
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
] as const satisfies readonly NativeField[]

const NOTHING: readonly FieldValue[] = []

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
    return SECURITY_FIELDS.flatMap(({ name }, field) => (name === 'time' ? [] : this.values(field).map(String)))
  }

  #read(field: number): readonly FieldValue[] {
    const block = this.#block!
    if (SECURITY_FIELDS[field]?.name === 'time') {
      return Number.isNaN(block.time[this.#index]) ? NOTHING : [block.time[this.#index]]
    }
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

function outcomeText(outcome: number): string {
  if (outcome === OUTCOME_SUCCESS) return 'success'
  return outcome === OUTCOME_FAILURE ? 'failure' : ''
}
