import type { ReadField } from './correlation/group-key.ts'
import { compileCidr } from './sigma/cidr.ts'
import type { EventView } from './views/view.ts'

/** An entry of the allow-list: matches to ignore. All given conditions must hold; at least one is required. */
export interface AllowEntry {
  /** Rule ids; every rule if absent. */
  readonly rules?: readonly string[]
  /** Address or network of the client, such as `10.0.0.0/8`. */
  readonly client?: string
  readonly user?: string
  /** Prefix of the request target. */
  readonly target?: string
  /** ISO 8601 time from which the entry no longer applies. */
  readonly expires?: string
  readonly reason: string
}

/** True if a match of a rule is ignored. */
export type Allowed = (ruleId: string, view: EventView, time: number) => boolean

/**
 * Compiles the allow-list.
 * @throws Error with the reason of an entry without conditions, or with an invalid expiry
 */
export function compileAllowList(entries: readonly AllowEntry[], read: ReadField): Allowed {
  const compiled = entries.map((entry) => compileEntry(entry, read))
  return (ruleId, view, time) => compiled.some((entry) => entry(ruleId, view, time))
}

function compileEntry(entry: AllowEntry, read: ReadField): Allowed {
  const { rules, client, user, target, expires, reason } = entry
  if (rules === undefined && client === undefined && user === undefined && target === undefined) {
    throw new Error(
      `the allow-list entry "${reason}" would suppress every match; give it rules, a client, a user or a target`,
    )
  }
  const until = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
  if (Number.isNaN(until))
    throw new Error(`the allow-list entry "${reason}" has an invalid expiry "${expires}"; write an ISO 8601 date`)
  const inside = client === undefined ? undefined : compileCidr(client)
  return (ruleId, view, time) => {
    // For an event without a time, an entry with an expiry does not apply.
    if (Number.isNaN(time) ? until !== Number.POSITIVE_INFINITY : time >= until) return false
    if (rules && !rules.includes(ruleId)) return false
    if (inside && !inside(read(view, 'client_ip') ?? read(view, 'source_ip') ?? '')) return false
    if (user !== undefined && read(view, 'user') !== user) return false
    return target === undefined || (read(view, 'target') ?? '').startsWith(target)
  }
}
