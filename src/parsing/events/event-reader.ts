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
import { eventTypeOf, normalise, outcomeOf } from '../event-types.ts'
import { CodeColumn, Names } from '../text-columns.ts'
import { AnyTime } from '../time/any-time.ts'
import { IsoTime } from '../time/iso-time.ts'
import { FIELD, FIELD_COUNT } from './fields.ts'

/** Fields whose texts come again and again, and that something is kept for. */
const NUMBERED: readonly number[] = [
  FIELD.user,
  FIELD.sourceIp,
  FIELD.host,
  FIELD.program,
  FIELD.eventType,
  FIELD.action,
  FIELD.outcome,
]
/** Fields whose words may tell the outcome, in the order in which they are asked. */
const TELLING = [FIELD.outcome, FIELD.eventType, FIELD.action]
const OUTCOMES = [OUTCOME_UNKNOWN, OUTCOME_SUCCESS, OUTCOME_FAILURE]

/** What the fields of structured events mean; what depends on a text alone is worked out once. */
export class EventReader {
  readonly #dictionaries = Array.from({ length: FIELD_COUNT }, () => new Dictionary())
  readonly #iso = new IsoTime()
  readonly #times = new AnyTime()
  /** Outcomes by the number of the text, for each telling field. */
  readonly #told = TELLING.map(() => new ById())
  #types = new TypeNames()

  /** The dictionary of a field that has one. */
  dictionary(field: number): Dictionary | undefined {
    return NUMBERED.includes(field) ? this.#dictionaries[field] : undefined
  }

  /** The time in text[start, end). */
  time(text: string, start: number, end: number): number {
    const time = this.#iso.readAt(text, start)
    if (this.#iso.end === end && !Number.isNaN(time)) return time
    return this.#times.read(decodeUtf8(text.slice(start, end)))
  }

  /** The outcome field, else the words of the type, of the action, of the message, whichever tells first. */
  outcomes(fields: readonly SliceColumn[], count: number): Uint8Array {
    const outcomes = new Uint8Array(count)
    TELLING.forEach((field, asked) => {
      const column = fields[field]
      const ids = column.ids!
      const known = this.#told[asked].follow(ids)
      for (let i = 0; i < count; i++) {
        if (outcomes[i] !== OUTCOME_UNKNOWN || column.starts[i] === column.ends[i]) continue
        const id = ids.of[i]
        const kept = id < 0 ? -1 : known[id]
        outcomes[i] = kept < 0 ? told(column.at(i), field) : kept
        if (id >= 0) known[id] = outcomes[i]
      }
    })
    const messages = fields[FIELD.message]
    for (let i = 0; i < count; i++) if (outcomes[i] === OUTCOME_UNKNOWN) outcomes[i] = outcomeOf(messages.at(i))
    return outcomes
  }

  /** The type of each event, or its action where it has none. */
  types(fields: readonly SliceColumn[], outcomes: Uint8Array): StringColumn {
    if (this.#types.names.full) this.#types = new TypeNames()
    const codes = this.#types.codes(fields[FIELD.eventType], fields[FIELD.action], outcomes)
    return new CodeColumn(codes, this.#types.names.list)
  }
}

/** The names of types as codes, by the number of what the record calls it and by the outcome. */
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

function told(words: string, field: number): number {
  const outcome = outcomeOf(normalise(words))
  if (outcome !== OUTCOME_UNKNOWN || field !== FIELD.outcome) return outcome
  if (/^(?:true|yes|1|0x0|2\d\d)$/i.test(words)) return OUTCOME_SUCCESS
  return /^(?:false|no|0|[45]\d\d)$/i.test(words) ? OUTCOME_FAILURE : OUTCOME_UNKNOWN
}
