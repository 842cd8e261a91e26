import { decodeUtf8, type RecordBlock, SliceColumn } from '../../core/columns/block.ts'
import { Dictionary } from '../../core/columns/dictionary.ts'
import type { Parsed } from '../../core/parsed.ts'
import { BlockRecords } from '../block-records.ts'
import { EVENT_TYPES } from '../event-types.ts'
import { CodeColumn, Names } from '../text-columns.ts'
import { AuthMessage } from './auth-message.ts'
import { readMessage } from './program-messages.ts'
import { SyslogHeader } from './syslog-header.ts'

// Index of each text column's starts in the slices; its ends follow.
const USER = 0
const ADDRESS = 2
const HOST = 4
const PROGRAM = 6
const MESSAGE = 8

/** Columns with repeated texts, for which later stages cache results by number. */
const NUMBERED = [USER, ADDRESS, HOST, PROGRAM]

/** Parses syslog files (auth.log, secure, messages) into a SecurityBlock. */
export class SyslogParser {
  readonly #header = new SyslogHeader()
  readonly #message = new AuthMessage()
  readonly #dictionaries = new Map(NUMBERED.map((column) => [column, new Dictionary()]))
  #actions = new Names()

  parse(block: RecordBlock): Parsed {
    const records = new BlockRecords(block)
    if (this.#actions.full) this.#actions = new Names()
    const columns = new SyslogColumns(block.count, this.#actions)
    for (let i = 0; i < block.count; i++) this.#line(records, i, columns)
    return { events: columns.block(records, this.#dictionaries), rejects: records.rejects, skipped: records.skipped }
  }

  #line(records: BlockRecords, record: number, columns: SyslogColumns): void {
    const { block, text } = records
    const end = records.contentEnd(record)
    const header = this.#header
    if (!header.read(text, records.contentStart(record), end, block.source)) {
      if (!records.passBlank(record)) records.reject(record, header.reason)
      return
    }
    this.#message.reset(text.slice(header.messageStart, end))
    readMessage(this.#message, text.slice(header.programStart, header.programEnd))
    columns.set(records.count, header, this.#message, end)
    records.keep(record)
  }
}

class SyslogColumns {
  readonly #time: Float64Array
  readonly #outcome: Uint8Array
  readonly #type: Uint8Array
  readonly #action: Int32Array
  readonly #actions: Names
  /** Starts and ends of user, source address, host, program and message. */
  readonly #slices: readonly Uint32Array[]

  constructor(capacity: number, actions: Names) {
    this.#actions = actions
    this.#action = new Int32Array(capacity)
    this.#time = new Float64Array(capacity)
    this.#outcome = new Uint8Array(capacity)
    this.#type = new Uint8Array(capacity)
    this.#slices = Array.from({ length: 10 }, () => new Uint32Array(capacity))
  }

  set(row: number, header: SyslogHeader, message: AuthMessage, end: number): void {
    const s = this.#slices
    const base = header.messageStart
    this.#time[row] = header.time
    this.#outcome[row] = message.outcome
    this.#type[row] = message.type
    this.#action[row] = this.#actions.code(decodeUtf8(message.action))
    s[0][row] = base + message.userStart
    s[1][row] = base + message.userEnd
    s[2][row] = base + message.ipStart
    s[3][row] = base + message.ipEnd
    s[4][row] = header.hostStart
    s[5][row] = header.hostEnd
    s[6][row] = header.programStart
    s[7][row] = header.programEnd
    s[8][row] = base
    s[9][row] = end
  }

  block(records: BlockRecords, dictionaries: ReadonlyMap<number, Dictionary>): Parsed['events'] {
    const count = records.count
    const slices = this.#slices
    const column = (index: number) => {
      const starts = slices[index].subarray(0, count)
      const ends = slices[index + 1].subarray(0, count)
      const dictionary = dictionaries.get(index)
      const ids = dictionary && records.numbers(dictionary, starts, ends)
      return new SliceColumn(records.source, starts, ends, records.ascii, ids)
    }
    return {
      kind: 'security',
      format: 'syslog',
      source: records.block.source,
      count,
      ...records.columns(),
      time: this.#time.subarray(0, count),
      outcome: this.#outcome.subarray(0, count),
      user: column(USER),
      sourceIp: column(ADDRESS),
      host: column(HOST),
      program: column(PROGRAM),
      message: column(MESSAGE),
      eventType: new CodeColumn(this.#type.subarray(0, count), EVENT_TYPES),
      action: new CodeColumn(this.#action.subarray(0, count), this.#actions.list),
    }
  }
}
