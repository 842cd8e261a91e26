import {
  decodeUtf8,
  OUTCOME_FAILURE,
  OUTCOME_SUCCESS,
  OUTCOME_UNKNOWN,
  type SliceColumn,
  type StringColumn,
} from '../../core/columns/block.ts'
import { ById } from '../../core/columns/by-id.ts'
import { Dictionary } from '../../core/columns/dictionary.ts'
import { eventTypeOf, normaliseName, outcomeOf } from '../event-types.ts'
import { CodeColumn, Names } from '../text-columns.ts'
import { AnyTime } from '../time/any-time.ts'
import { IsoTime } from '../time/iso-time.ts'
import { FIELD, FIELD_COUNT } from './fields.ts'

/** Fields with repeated texts, for which later stages cache results by number. */
const NUMBERED: readonly number[] = [
  FIELD.user,
  FIELD.sourceIp,
  FIELD.host,
  FIELD.program,
  FIELD.eventType,
  FIELD.action,
  FIELD.outcome,
]
/** Fields that may express the outcome, in order of precedence. */
const OUTCOME_FIELDS = [FIELD.outcome, FIELD.eventType, FIELD.action]
const OUTCOMES = [OUTCOME_UNKNOWN, OUTCOME_SUCCESS, OUTCOME_FAILURE]

/** Interprets the fields of structured events. Results that depend on one text are computed once per text. */
export class EventReader {
  readonly #dictionaries = Array.from({ length: FIELD_COUNT }, () => new Dictionary())
  readonly #iso = new IsoTime()
  readonly #times = new AnyTime()
  /** Outcomes by text number, for each of OUTCOME_FIELDS. */
  readonly #outcomesOf = OUTCOME_FIELDS.map(() => new ById())
  #types = new TypeNames()

  /** The dictionary of a field, if it has one. */
  dictionary(field: number): Dictionary | undefined {
    return NUMBERED.includes(field) ? this.#dictionaries[field] : undefined
  }

  /** The time in text[start, end). */
  time(text: string, start: number, end: number): number {
    const time = this.#iso.readAt(text, start)
    if (this.#iso.end === end && !Number.isNaN(time)) return time
    return this.#times.read(decodeUtf8(text.slice(start, end)))
  }

  /**
   * Outcome of each event: from the outcome field, else from the words of the type, the action or the message, in that
   * order.
   */
  outcomes(fields: readonly SliceColumn[], count: number): Uint8Array {
    const outcomes = new Uint8Array(count)
    OUTCOME_FIELDS.forEach((field, asked) => {
      const column = fields[field]
      const ids = column.ids!
      const known = this.#outcomesOf[asked].follow(ids)
      for (let i = 0; i < count; i++) {
        if (outcomes[i] !== OUTCOME_UNKNOWN || column.starts[i] === column.ends[i]) continue
        const id = ids.of[i]
        const kept = id < 0 ? -1 : known[id]
        outcomes[i] = kept < 0 ? outcomeOfField(column.at(i), field) : kept
        if (id >= 0) known[id] = outcomes[i]
      }
    })
    const messages = fields[FIELD.message]
    for (let i = 0; i < count; i++) if (outcomes[i] === OUTCOME_UNKNOWN) outcomes[i] = outcomeOf(messages.at(i))
    return outcomes
  }

  /** The type of each event, or its action if it has no type. */
  types(fields: readonly SliceColumn[], outcomes: Uint8Array): StringColumn {
    if (this.#types.names.full) this.#types = new TypeNames()
    const codes = this.#types.codes(fields[FIELD.eventType], fields[FIELD.action], outcomes)
    return new CodeColumn(codes, this.#types.names.list)
  }
}

/** Codes for the names of event types, cached by text number and outcome. */
class TypeNames {
  readonly names = new Names()
  readonly #ofTypes = OUTCOMES.map(() => new ById())
  readonly #ofActions = OUTCOMES.map(() => new ById())

  codes(types: SliceColumn, actions: SliceColumn, outcomes: Uint8Array): Int32Array {
    const ofTypes = this.#ofTypes.map((byId) => byId.follow(types.ids!))
    const ofActions = this.#ofActions.map((byId) => byId.follow(actions.ids!))
    return Int32Array.from(outcomes, (outcome, i) => {
      const typed = types.starts[i] !== types.ends[i]
      const column = typed ? types : actions
      const known = (typed ? ofTypes : ofActions)[outcome]
      const id = column.ids!.of[i]
      const code = id < 0 || known[id] < 0 ? this.names.code(eventTypeOf(column.at(i), outcome)) : known[id]
      if (id >= 0) known[id] = code
      return code
    })
  }
}

function outcomeOfField(words: string, field: number): number {
  const outcome = outcomeOf(normaliseName(words))
  if (outcome !== OUTCOME_UNKNOWN || field !== FIELD.outcome) return outcome
  if (/^(?:true|yes|1|0x0|2\d\d)$/i.test(words)) return OUTCOME_SUCCESS
  return /^(?:false|no|0|[45]\d\d)$/i.test(words) ? OUTCOME_FAILURE : OUTCOME_UNKNOWN
}
