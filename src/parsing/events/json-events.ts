import { decodeUtf8, type RecordBlock } from '../../core/columns/block.ts'
import { messageOf } from '../../core/errors.ts'
import type { Parsed } from '../../core/parsed.ts'
import { Rows } from '../rows.ts'
import { EventReader } from './event-reader.ts'
import { FIELD_COUNT, type FieldName, fieldOf } from './fields.ts'
import { DEPTH } from './json-keys.ts'
import { JsonScanner } from './json-scanner.ts'
import { SecurityTable } from './security-table.ts'

const KEY_CACHE_LIMIT = 4096
const NO_FIELD = 'a JSON object without any field of an event: a time, user, address, type, action or message'

/** Security events as JSON, one object a record (a line, or an element of an array), to a SecurityBlock. */
export class JsonParser {
  readonly #reader = new EventReader()
  readonly #scanner = new JsonScanner()
  readonly #keys = new Map<string, FieldName | null>()
  readonly #fields: string[] = new Array(FIELD_COUNT).fill('')
  readonly #ranks = new Uint8Array(FIELD_COUNT)
  #found = 0

  parse(block: RecordBlock): Parsed {
    const rows = new Rows(block)
    const table = new SecurityTable(rows, this.#reader)
    for (let i = 0; i < block.count; i++) {
      if (rows.isBlank(i)) {
        rows.skip()
        continue
      }
      const reason = this.#record(rows, i, table)
      if (reason === '') {
        table.next()
        rows.keep(i)
      } else rows.reject(i, reason)
    }
    return { events: table.block('json'), rejects: rows.rejects, skipped: rows.skipped }
  }

  /** Fills a row of the table from a record; returns why it is none, or the empty string. */
  #record(rows: Rows, i: number, table: SecurityTable): string {
    const start = rows.contentStart(i)
    const end = rows.contentEnd(i)
    table.clear()
    if (this.#scanner.read(rows.block.bytes, start, end, table)) return this.#scanner.found === 0 ? NO_FIELD : ''
    table.clear()
    const slice = rows.text.slice(start, end)
    const reason = this.#read(rows.ascii ? slice : decodeUtf8(slice))
    if (reason === '') for (let field = 0; field < FIELD_COUNT; field++) table.text(field, this.#fields[field])
    return reason
  }

  /** Fills the fields from a record; returns why it is none, or the empty string. */
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
