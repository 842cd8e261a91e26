import { boundedKey } from '../../../core/columns/bounded-key.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { EventView } from '../views/view.ts'

/** Reads a field of the event by its name in the rule, as text that may outlive the block; undefined if absent. */
export interface ReadField {
  (view: EventView, name: string): string | undefined
  /** The text numbers for a field name, if the field is a single column. */
  ids?(view: EventView, name: string): Ids | undefined
}

const SEPARATOR = '\u0000'

/** The values of fields as one text; undefined if one is absent, because such an event belongs to no group. */
export function groupKeyOf(names: readonly string[], view: EventView, read: ReadField): string | undefined {
  if (names.length === 0) return ''
  let key = ''
  for (let i = 0; i < names.length; i++) {
    const value = read(view, names[i])
    if (value === undefined) return undefined
    key += (i > 0 ? SEPARATOR : '') + boundedKey(value)
  }
  return key
}

/** Like `groupKeyOf`, but an absent value counts as empty. */
export function countedOf(names: readonly string[], view: EventView, read: ReadField): string {
  if (names.length === 1) return boundedKey(read(view, names[0]) ?? '')
  return names.map((name) => boundedKey(read(view, name) ?? '')).join(SEPARATOR)
}

/** The field names and values of a key. */
export function pairsOf(names: readonly string[], key: string): [string, string][] {
  const values = key.split(SEPARATOR)
  return names.map((name, i) => [name, values[i]])
}
