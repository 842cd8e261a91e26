/** A part of a list. `next` asks for the following part; it is absent at the end. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}

export interface PageRequest {
  readonly limit: number
  /** `next` of the part before. */
  readonly cursor?: string
}

/** A cursor names the last row that was seen, so that pages neither skip nor repeat rows while new ones arrive. */
export function encodeCursor(...keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/** The keys of a cursor; undefined if the cursor is not valid. */
export function decodeCursor(cursor: string): readonly (string | number)[] | undefined {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const whole = Array.isArray(keys) && keys.every((key) => typeof key === 'string' || typeof key === 'number')
    return whole ? keys : undefined
  } catch {
    return undefined
  }
}

/** Makes a page from `limit + 1` rows; the extra row shows that more follow. */
export function pageOf<Item>(rows: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  if (rows.length <= limit) return { items: rows }
  const items = rows.slice(0, limit)
  return { items, next: cursorOf(items[limit - 1]) }
}
