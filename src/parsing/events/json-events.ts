import { decodeUtf8, type RecordBlock } from '../../core/columns/block.ts'
import { messageOf } from '../../core/errors.ts'
import type { Parsed } from '../../core/parsed.ts'
import { BlockRecords } from '../block-records.ts'
import { EventReader } from './event-reader.ts'
import { FIELD_COUNT, type FieldName, fieldOf } from './fields.ts'
import { DEPTH } from './json-keys.ts'
import { JsonScanner } from './json-scanner.ts'
import { SecurityTable } from './security-table.ts'

const KEY_CACHE_LIMIT = 4096
const NO_FIELD = 'the JSON object has no known field: a time, user, address, type, action or message'

/** Parses JSON, one object per record (a line, or an element of an array), into a SecurityBlock. */
export class JsonParser {
  readonly #reader = new EventReader()
  readonly #scanner = new JsonScanner()
  readonly #keys = new Map<string, FieldName | null>()
  readonly #fields: string[] = new Array(FIELD_COUNT).fill('')
  readonly #ranks = new Uint8Array(FIELD_COUNT)
  #found = 0

  parse(block: RecordBlock): Parsed {
    const records = new BlockRecords(block)
    const table = new SecurityTable(records, this.#reader)
    for (let i = 0; i < block.count; i++) {
      if (records.passBlank(i)) continue
      const reason = this.#record(records, i, table)
      if (reason === '') {
        table.next()
        records.keep(i)
      } else records.reject(i, reason)
    }
    return { events: table.block('json'), rejects: records.rejects, skipped: records.skipped }
  }

  /** Fills the table row from a record. Returns the reason if the record is invalid, or the empty string. */
  #record(records: BlockRecords, i: number, table: SecurityTable): string {
    const start = records.contentStart(i)
    const end = records.contentEnd(i)
    table.clear()
    if (this.#scanner.read(records.block.bytes, start, end, table)) return this.#scanner.found === 0 ? NO_FIELD : ''
    table.clear()
    const slice = records.text.slice(start, end)
    const reason = this.#read(records.ascii ? slice : decodeUtf8(slice))
    if (reason === '') for (let field = 0; field < FIELD_COUNT; field++) table.text(field, this.#fields[field])
    return reason
  }

  /** Fills `#fields` from a record. Returns the reason if the record is invalid, or the empty string. */
  #read(text: string): string {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      return `not JSON: ${messageOf(error).slice(0, 200)}`
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object'
    this.#fields.fill('')
    this.#ranks.fill(255)
    this.#found = 0
    this.#collect(value as Record<string, unknown>, '', 1)
    return this.#found === 0 ? NO_FIELD : ''
  }

  #collect(record: Record<string, unknown>, prefix: string, depth: number): void {
    for (const key in record) {
      const value = record[key]
      if (value === null) continue
      const path = prefix + key
      if (typeof value === 'object' && !Array.isArray(value)) {
        if (depth < DEPTH) this.#collect(value as Record<string, unknown>, `${path}.`, depth + 1)
        continue
      }
      const name = this.#nameOf(path)
      if (name === null || name.rank >= this.#ranks[name.field]) continue
      // ECS writes categories and types as lists.
      const scalar: unknown = Array.isArray(value) ? value[0] : value
      if (typeof scalar === 'object' || scalar === undefined) continue
      const text = String(scalar)
      if (text === '') continue
      this.#ranks[name.field] = name.rank
      this.#fields[name.field] = text
      this.#found++
    }
  }

  #nameOf(path: string): FieldName | null {
    const known = this.#keys.get(path)
    if (known !== undefined) return known
    const name = fieldOf(path.slice(0, 256)) ?? null
    if (this.#keys.size < KEY_CACHE_LIMIT && path.length <= 256) this.#keys.set(path, name)
    return name
  }
}
