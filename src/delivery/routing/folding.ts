import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import { belongs, joined, keyOf, opened } from '../../ensemble/incidents.ts'
import type { Incidents } from '../../store/incidents.ts'

/**
 * Groups findings into incidents. A finding joins the open incident of its who and what; if there is none, or if that is
 * too far away in log time, the old one is resolved and a new one opened. A finding that already belongs to an incident
 * changes nothing. `save` writes each incident once, however many findings it got.
 */
export class Folding {
  readonly #incidents: Incidents
  readonly #gapMs: number
  readonly #open = new Map<string, Incident>()
  /** Incidents to write. A resolved incident comes before its successor. */
  readonly #changed = new Map<string, Incident>()
  readonly #touched = new Map<string, Incident>()
  readonly #held: { readonly id: string; readonly seq: number }[] = []

  constructor(incidents: Incidents, gapMs: number) {
    this.#incidents = incidents
    this.#gapMs = gapMs
  }

  /** Adds the finding with row number `seq` to its incident, and returns that incident. */
  fold(seq: number, finding: Finding): Incident {
    const holding = this.#incidents.holding(seq)
    if (holding) {
      if (!this.#touched.has(holding.id)) this.#touched.set(holding.id, holding)
      return holding
    }
    const { who, what } = keyOf(finding)
    const key = `${who}\0${what}`
    const current = this.#open.get(key) ?? this.#incidents.openOf(who, what)
    const same = current !== undefined && belongs(current, finding, this.#gapMs)
    if (current && !same) this.#resolve(current)
    const incident = same ? joined(current, finding) : opened({ who, what }, finding)
    this.#open.set(key, incident)
    this.#changed.set(incident.id, incident)
    this.#touched.set(incident.id, incident)
    this.#held.push({ id: incident.id, seq })
    return incident
  }

  /** Writes the changed incidents. Returns every incident of the folded findings, by id. */
  save(now: number): ReadonlyMap<string, Incident> {
    for (const incident of this.#changed.values()) this.#incidents.save(incident, now)
    for (const { id, seq } of this.#held) this.#incidents.hold(id, seq)
    return this.#touched
  }

  #resolve(current: Incident): void {
    const resolved: Incident = { ...current, status: 'resolved' }
    if (this.#changed.has(current.id)) this.#changed.set(current.id, resolved)
    else this.#incidents.resolve(current.id)
    this.#touched.set(current.id, resolved)
  }
}
