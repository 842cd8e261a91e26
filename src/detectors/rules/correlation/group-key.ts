import type { Ids } from '../../../core/columns/dictionary.ts'
import type { EventView } from '../views/view.ts'

/**
 * Reads a field of the event by the name that a rule knows it by, as a text that outlives the block; undefined where
 * absent.
 */
export interface ReadField {
  (view: EventView, name: string): string | undefined
  /** Numbers of the texts that it reads under a name, where they are those of one column. */
  ids?(view: EventView, name: string): Ids | undefined
}

const SEPARATOR = '\u0000'

/** The values of fields as one text; undefined where one is absent, for an event that lacks a field belongs to no group. */
export function keyOf(names: readonly string[], view: EventView, read: ReadField): string | undefined {
  if (names.length === 0) return ''
  let key = read(view, names[0])
  for (let i = 1; key !== undefined && i < names.length; i++) {
    const value = read(view, names[i])
    key = value === undefined ? undefined : key + SEPARATOR + value
  }
  return key
}

/** The same where an absent value is an empty one. */
export function countedOf(names: readonly string[], view: EventView, read: ReadField): string {
  if (names.length === 1) return read(view, names[0]) ?? ''
  return names.map((name) => read(view, name) ?? '').join(SEPARATOR)
}

/** The values that a key was made of, each with the name of its field. */
export function pairsOf(names: readonly string[], key: string): [string, string][] {
  const values = key.split(SEPARATOR)
  return names.map((name, i) => [name, values[i]])
}
