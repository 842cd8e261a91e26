import type { Incident } from '../../core/documents/incident.ts'
import { atLeast } from '../../core/documents/severity.ts'
import type { InhibitRule } from './config.ts'
import { glob } from './glob.ts'

/** True if another open incident of the same who inhibits the notices of this one. */
export function inhibited(
  incident: Incident,
  openOfSameWho: readonly Incident[],
  rules: readonly InhibitRule[],
): boolean {
  return rules.some(
    ({ source, target }) =>
      fits(incident, target) &&
      openOfSameWho.some((other) => other.id !== incident.id && other.status === 'open' && fits(other, source)),
  )
}

function fits(incident: Incident, match: InhibitRule['source']): boolean {
  const { severity, below, what } = match
  return (
    (severity === undefined || atLeast(incident.severity, severity)) &&
    (below === undefined || !atLeast(incident.severity, below)) &&
    (what === undefined || what.some((pattern) => glob(pattern)(incident.what)))
  )
}
