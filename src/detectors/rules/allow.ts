import type { ReadField } from './correlation/group-key.ts'
import { compileCidr } from './sigma/cidr.ts'
import type { EventView } from './views/view.ts'

/** An operator's word that some matches are no concern. All conditions given must hold; one at least must be given. */
export interface AllowEntry {
  /** Rule ids; every rule if absent. */
  readonly rules?: readonly string[]
  /** Address or network of the client, such as `10.0.0.0/8`. */
  readonly client?: string
  readonly user?: string
  /** The request target begins with this. */
  readonly target?: string
  /** ISO 8601; events from then on are judged again, so that no exception is for ever by accident. */
  readonly expires?: string
  readonly reason: string
}

/** Whether a match of a rule is allowed. */
export type Allowed = (ruleId: string, view: EventView, time: number) => boolean

/** Throws an Error that names the entry which says nothing or whose expiry cannot be read. */
export function compileAllowList(entries: readonly AllowEntry[], read: ReadField): Allowed {
  const compiled = entries.map((entry) => compileEntry(entry, read))
  return (ruleId, view, time) => compiled.some((entry) => entry(ruleId, view, time))
}

function compileEntry(entry: AllowEntry, read: ReadField): Allowed {
  const { rules, client, user, target, expires, reason } = entry
  if (rules === undefined && client === undefined && user === undefined && target === undefined) {
    throw new Error(
      `the allow-list entry "${reason}" names neither rules, client, user nor target and would silence all`,
    )
  }
  const until = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
  if (Number.isNaN(until)) throw new Error(`the allow-list entry "${reason}" expires at "${expires}", which is no date`)
  const inside = client === undefined ? undefined : compileCidr(client)
  return (ruleId, view, time) => {
    // An event without a time is taken for one of now, which no exception that expires can be sure of.
    if (Number.isNaN(time) ? until !== Number.POSITIVE_INFINITY : time >= until) return false
    if (rules && !rules.includes(ruleId)) return false
    if (inside && !inside(read(view, 'client_ip') ?? read(view, 'source_ip') ?? '')) return false
    if (user !== undefined && read(view, 'user') !== user) return false
    return target === undefined || (read(view, 'target') ?? '').startsWith(target)
  }
}
