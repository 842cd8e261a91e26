import { type FieldName, fieldOf } from './fields.ts'

/** Nesting depth up to which fields are recognized: `process.parent.name`. */
export const DEPTH = 3
/** Most keys (with path) that are cached, and the longest of them. */
const KEYS = 4096
const LONGEST = 256

/** A key with its path, and the field that it names. */
export interface JsonKey {
  readonly path: string
  readonly name: FieldName | null
  readonly number: number
  /** Path prefix of the keys nested in it. */
  readonly prefix: string
}

/** A key at a position where no field is recognized. */
export const IGNORED: JsonKey = { path: '', name: null, number: 0, prefix: '' }

/**
 * Recognizes the keys of JSON records by their bytes. It expects the keys of the previous record, in the same order.
 */
export class JsonKeys {
  readonly #known = new Map<string, JsonKey>()
  readonly #expected: JsonKey[] = []
  #place = 0
  /** The record in which each key was seen last. */
  readonly #seenIn = new Float64Array(KEYS)
  #record = 0

  /** Starts a new record. */
  begin(): void {
    this.#place = 0
    this.#record++
  }

  /**
   * The next key of the record, bytes[start, end); undefined if it is a duplicate, contains non-ASCII bytes, or is too
   * long.
   */
  next(bytes: Uint8Array, start: number, end: number, prefix: string): JsonKey | undefined {
    const place = this.#place++
    let key: JsonKey | undefined = this.#expected[place]
    if (key === undefined || !is(key, bytes, start, end, prefix)) {
      key = this.#lookUp(bytes, start, end, prefix)
      if (key === undefined) return undefined
      if (place < KEYS) this.#expected[place] = key
    }
    if (this.#seenIn[key.number] === this.#record) return undefined
    this.#seenIn[key.number] = this.#record
    return key
  }

  #lookUp(bytes: Uint8Array, start: number, end: number, prefix: string): JsonKey | undefined {
    if (prefix.length + end - start > LONGEST) return undefined
    let path = prefix
    for (let i = start; i < end; i++) {
      if (bytes[i] > 0x7e) return undefined
      path += String.fromCharCode(bytes[i])
    }
    const known = this.#known.get(path)
    if (known !== undefined || this.#known.size === KEYS) return known
    const key = { path, name: fieldOf(path) ?? null, number: this.#known.size, prefix: `${path}.` }
    this.#known.set(path, key)
    return key
  }
}

function is({ path }: JsonKey, bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  const before = prefix.length
  if (path.length !== before + end - start || !path.startsWith(prefix)) return false
  for (let i = start; i < end; i++) if (path.charCodeAt(before + i - start) !== bytes[i]) return false
  return true
}
