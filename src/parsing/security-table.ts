import { isIP } from 'node:net'
import { OUTCOME_FAILURE, OUTCOME_SUCCESS, OUTCOME_UNKNOWN, type SecurityBlock } from '../core/block.ts'
import { AnyTime } from './any-time.ts'
import { eventTypeOf, normalise, outcomeOf } from './event-types.ts'
import { FIELD } from './fields.ts'
import type { Rows } from './rows.ts'
import { TextColumn } from './text-columns.ts'

/** Normalised names and outcomes of the few types that a log has, kept so that each is worked out once. */
const CACHE_LIMIT = 4096

/** Columns of structured security events, filled field by field. Shared by the JSON and the CSV parser. */
export class SecurityTable {
  readonly #time: Float64Array
  readonly #outcome: Uint8Array
  readonly #user: string[] = []
  readonly #sourceIp: string[] = []
  readonly #host: string[] = []
  readonly #program: string[] = []
  readonly #eventType: string[] = []
  readonly #action: string[] = []
  readonly #message: string[] = []
  readonly #reader: EventReader

  constructor(capacity: number, reader: EventReader) {
    this.#time = new Float64Array(capacity)
    this.#outcome = new Uint8Array(capacity)
    this.#reader = reader
  }

  /** Adds an event from its texts in the order of FIELD; the empty string is an absent value. */
  add(fields: readonly string[]): void {
    const row = this.#user.length
    const outcome = this.#reader.outcome(fields)
    this.#time[row] = this.#reader.time(fields[FIELD.time])
    this.#outcome[row] = outcome
    this.#user.push(fields[FIELD.user])
    this.#sourceIp.push(address(fields[FIELD.sourceIp]))
    this.#host.push(fields[FIELD.host])
    this.#program.push(fields[FIELD.program])
    this.#eventType.push(this.#reader.eventType(fields[FIELD.eventType] || fields[FIELD.action], outcome))
    this.#action.push(fields[FIELD.action])
    this.#message.push(fields[FIELD.message])
  }

  block(rows: Rows, format: 'json' | 'csv'): SecurityBlock {
    const count = rows.count
    return {
      kind: 'security',
      format,
      source: rows.block.source,
      count,
      ...rows.columns(),
      time: this.#time.subarray(0, count),
      outcome: this.#outcome.subarray(0, count),
      user: new TextColumn(this.#user),
      sourceIp: new TextColumn(this.#sourceIp),
      host: new TextColumn(this.#host),
      program: new TextColumn(this.#program),
      eventType: new TextColumn(this.#eventType),
      action: new TextColumn(this.#action),
      message: new TextColumn(this.#message),
    }
  }
}

/** Reads the meaning of field texts, remembering the few values that nearly all records share. */
export class EventReader {
  readonly #times = new AnyTime()
  readonly #types = new Map<string, string>()
  readonly #outcomes = new Map<string, number>()

  time(text: string): number {
    return this.#times.read(text)
  }

  eventType(name: string, outcome: number): string {
    const key = outcome + name
    const known = this.#types.get(key)
    if (known !== undefined) return known
    const type = eventTypeOf(name, outcome)
    if (this.#types.size < CACHE_LIMIT && key.length < 128) this.#types.set(key, type)
    return type
  }

  /** The outcome field, else the words of the type, of the action, of the message, whichever tells first. */
  outcome(fields: readonly string[]): number {
    return (
      this.#told(fields[FIELD.outcome], true) ||
      this.#told(fields[FIELD.eventType], false) ||
      this.#told(fields[FIELD.action], false) ||
      outcomeOf(fields[FIELD.message])
    )
  }

  #told(words: string, isOutcome: boolean): number {
    if (words === '') return OUTCOME_UNKNOWN
    const key = isOutcome ? `=${words}` : words
    const known = this.#outcomes.get(key)
    if (known !== undefined) return known
    let outcome = outcomeOf(normalise(words))
    if (outcome === OUTCOME_UNKNOWN && isOutcome) {
      if (/^(?:true|yes|1|0x0|2\d\d)$/i.test(words)) outcome = OUTCOME_SUCCESS
      else if (/^(?:false|no|0|[45]\d\d)$/i.test(words)) outcome = OUTCOME_FAILURE
    }
    if (this.#outcomes.size < CACHE_LIMIT && key.length < 128) this.#outcomes.set(key, outcome)
    return outcome
  }
}

/** An address without what some programs put around it: `[2001:db8::1]`, `192.0.2.1:51544`. Anything else as it stands. */
function address(text: string): string {
  const bracketed = /^\[([0-9a-fA-F:.]{2,45})\](?::\d{1,5})?$/.exec(text)
  if (bracketed !== null && isIP(bracketed[1]) === 6) return bracketed[1]
  const port = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)
  return port === null ? text : port[1]
}
