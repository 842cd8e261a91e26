import type { Finding } from '../core/documents/finding.ts'
import type { Incident } from '../core/documents/incident.ts'
import type { Severity } from '../core/documents/severity.ts'
import type { Database } from './database.ts'

export interface IncidentRow {
  id: string
  status: 'open' | 'resolved'
  severity: Severity
  who: string
  what: string
  first_seen: number
  last_seen: number
  findings: number
  strongest: string
  score: number
  summary: string
  touched_at: number
}

/** Incidents and the findings that belong to them. */
export class Incidents {
  readonly #db: Database
  readonly #s

  constructor(db: Database) {
    this.#db = db
    this.#s = {
      open: db.prepare<[string, string], IncidentRow>(
        "SELECT * FROM incidents WHERE who = ? AND what = ? AND status = 'open'",
      ),
      openBy: db.prepare<[string, number], IncidentRow>(
        "SELECT * FROM incidents WHERE who = ? AND status = 'open' ORDER BY touched_at DESC, last_seen DESC, id LIMIT ?",
      ),
      get: db.prepare<[string], IncidentRow>('SELECT * FROM incidents WHERE id = ?'),
      known: db.prepare<[number], string>('SELECT incident FROM incident_findings WHERE seq = ?').pluck(),
      save: db.prepare(`
        INSERT INTO incidents VALUES (:id, :status, :severity, :who, :what, :firstSeen, :lastSeen, :findings,
          :strongest, :score, :summary, :now, :now)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, severity = excluded.severity,
          first_seen = excluded.first_seen, last_seen = excluded.last_seen, findings = excluded.findings,
          strongest = excluded.strongest, score = excluded.score,
          summary = excluded.summary, touched_at = excluded.touched_at`),
      hold: db.prepare('INSERT OR IGNORE INTO incident_findings VALUES (?, ?)'),
      resolve: db.prepare<[string]>("UPDATE incidents SET status = 'resolved' WHERE id = ?"),
      clockSet: db.prepare<object>(
        `UPDATE incidents SET opened_at = min(opened_at + :byMs, :now), touched_at = min(touched_at + :byMs, :now)
         WHERE status = 'open' OR touched_at > :now`,
      ),
      quiet: db
        .prepare<[number], string>(
          "UPDATE incidents SET status = 'resolved' WHERE status = 'open' AND touched_at <= ? RETURNING id",
        )
        .pluck(),
    }
  }

  /** The open incident of an actor (`who`) and an attack type or detector (`what`). */
  openOf(who: string, what: string): Incident | undefined {
    const row = this.#s.open.get(who, what)
    return row && incidentOf(row)
  }

  /** Open incidents of an actor, most recently changed first. */
  openBy(who: string, limit: number): Incident[] {
    return this.#s.openBy.all(who, limit).map(incidentOf)
  }

  /** The incident that a finding belongs to already. */
  holding(seq: number): Incident | undefined {
    const id = this.#s.known.get(seq)
    return id === undefined ? undefined : this.get(id)
  }

  save(incident: Incident, now: number): void {
    this.#s.save.run({ ...incident, now })
  }

  hold(id: string, seq: number): void {
    this.#s.hold.run(id, seq)
  }

  resolve(id: string): void {
    this.#s.resolve.run(id)
  }

  /** Resolves every open incident without a finding since `before`. @returns their ids */
  resolveQuiet(before: number): string[] {
    return this.#s.quiet.all(before)
  }

  /** Moves the times of open incidents along with the wall clock, which was set by `byMs`; none stays in the future. */
  clockSet(byMs: number, now: number): void {
    this.#s.clockSet.run({ byMs, now })
  }

  get(id: string): Incident | undefined {
    const row = this.#s.get.get(id)
    return row && incidentOf(row)
  }

  /** Its findings, strongest first. */
  findings(id: string, limit: number): Finding[] {
    return this.#db
      .prepare<[string, number], string>(
        `SELECT f.document FROM incident_findings i JOIN findings f ON f.seq = i.seq
         WHERE i.incident = ? ORDER BY f.score DESC, f.seq LIMIT ?`,
      )
      .pluck()
      .all(id, limit)
      .map((document) => JSON.parse(document) as Finding)
  }
}

export function incidentOf(row: IncidentRow): Incident {
  return {
    id: row.id,
    status: row.status,
    severity: row.severity,
    who: row.who,
    what: row.what,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    findings: row.findings,
    strongest: row.strongest,
    score: row.score,
    summary: row.summary,
  }
}
