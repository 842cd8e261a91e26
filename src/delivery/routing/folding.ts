import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import { belongs, joined, keyOf, opened } from '../../ensemble/incidents.ts'
import type { Incidents } from '../../store/incidents.ts'

/**
 * Takes findings into their incidents, opening one where none is open. The earlier incident of the same who and what is
 * resolved when a finding lies too far from it in log time. A finding that an incident holds already changes nothing.
 * Each incident is written once, by `save`, however many findings it got.
 */
export class Folding {
  readonly #incidents: Incidents
  readonly #gapMs: number
  readonly #open = new Map<string, Incident>()
  /** Those to be written, one that was superseded before its successor. */
  readonly #changed = new Map<string, Incident>()
  readonly #touched = new Map<string, Incident>()
  readonly #held: { readonly id: string; readonly seq: number }[] = []

  constructor(incidents: Incidents, gapMs: number) {
    this.#incidents = incidents
    this.#gapMs = gapMs
  }

  /** The incident that the finding of this number belongs to, with it. */
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

  /** Writes the incidents; returns all that were touched, by id. */
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
