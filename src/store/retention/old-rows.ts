import type { Database } from '../database.ts'
import { PastTotals } from './past-totals.ts'

/** How many rows of each kind were removed. */
export interface RemovedRows {
  readonly findings: number
  readonly incidents: number
  readonly batches: number
  readonly dead_letters: number
}

/** Findings removed in one transaction: few, so that a delivery never waits long for the database. */
const STEP = 200
/** Findings kept of an incident that is open, or that people are still to be told of. The strongest is kept as well. */
const KEPT_OF_INCIDENT = 100

/** An incident `i` that stays: open and severe, or with a notice that waits. */
const STAYS = `((i.status = 'open' AND i.severity IN ('high', 'critical'))
  OR EXISTS (SELECT 1 FROM notices n WHERE n.incident = i.id AND n.due_at IS NOT NULL))`

/** A finding `f` that stays: owed to a sink, shown with an incident that stays, or the strongest among others of its own. */
const OWED = `EXISTS (SELECT 1 FROM outbox o WHERE o.seq = f.seq)
  OR EXISTS (
    SELECT 1 FROM incident_findings l JOIN incidents i ON i.id = l.incident WHERE l.seq = f.seq AND (
      (i.strongest = f.id AND EXISTS (SELECT 1 FROM incident_findings m WHERE m.incident = i.id AND m.seq <> f.seq))
      OR (${STAYS} AND (i.strongest = f.id OR ${KEPT_OF_INCIDENT} >
        (SELECT count(*) FROM (SELECT 1 FROM incident_findings m WHERE m.incident = i.id AND m.seq < f.seq LIMIT ${KEPT_OF_INCIDENT}))))))`

/**
 * Removes batches, the oldest first, with their findings, and incidents with their last finding. What a sink is owed,
 * what is under review and the batch under way stay. Ages count from the start of a batch, never from log time.
 */
export class OldRows {
  readonly #db: Database
  readonly #past: PastTotals
  readonly #s
  /** The batch that the last step looked at. */
  #at: { readonly startedAt: number; readonly id: string } = { startedAt: -1, id: '' }

  constructor(db: Database) {
    this.#db = db
    this.#past = new PastTotals(db)
    this.#s = {
      batch: db.prepare(
        `SELECT id, started_at AS startedAt FROM batches
         WHERE (started_at, id) >= (?, ?) AND started_at < ? AND status <> 'running' ORDER BY started_at, id LIMIT 2`,
      ),
      findings: db
        .prepare(`SELECT f.seq FROM findings f WHERE f.batch = ? AND NOT (${OWED}) ORDER BY f.seq LIMIT ${STEP}`)
        .pluck(),
      incidents: db
        .prepare('SELECT DISTINCT incident FROM incident_findings WHERE seq IN (SELECT value FROM json_each(?))')
        .pluck(),
      letters: db.prepare('SELECT count(*) FROM dead_letters WHERE seq IN (SELECT value FROM json_each(?))').pluck(),
      remove: db.prepare('DELETE FROM findings WHERE seq IN (SELECT value FROM json_each(?))'),
      empty: db
        .prepare(
          `SELECT i.id FROM incidents i WHERE i.id IN (SELECT value FROM json_each(?)) AND NOT ${STAYS}
           AND NOT EXISTS (SELECT 1 FROM incident_findings l WHERE l.incident = i.id)`,
        )
        .pluck(),
      removeNotices: db.prepare('DELETE FROM notices WHERE incident IN (SELECT value FROM json_each(?))'),
      removeIncidents: db.prepare('DELETE FROM incidents WHERE id IN (SELECT value FROM json_each(?))'),
      isEmpty: db.prepare('SELECT NOT EXISTS (SELECT 1 FROM findings WHERE batch = ?)').pluck(),
      removeBatch: db.prepare('DELETE FROM batches WHERE id = ?'),
      removeLetters: db.prepare(
        `DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE died_at < ? LIMIT ${STEP})`,
      ),
      removeSilences: db.prepare('DELETE FROM silences WHERE expires_at < ?'),
    }
  }

  /** Begins with the oldest batch again, because what was owed may have been delivered. */
  rewind(): void {
    this.#at = { startedAt: -1, id: '' }
  }

  /** One short transaction. @returns what was removed; undefined if no batch is left that began before `before` */
  step(before: number): RemovedRows | undefined {
    return this.#db.transaction(() => this.#step(before)).immediate()
  }

  /** Removes what is no part of a batch and older than `before`. @returns how many dead letters */
  stepLoose(before: number): number {
    this.#s.removeSilences.run(before)
    return this.#s.removeLetters.run(before).changes
  }

  #step(before: number): RemovedRows | undefined {
    const [batch, next] = this.#s.batch.all(this.#at.startedAt, this.#at.id, before) as {
      id: string
      startedAt: number
    }[]
    if (!batch) return undefined
    this.#at = batch
    const seqs = this.#s.findings.all(batch.id) as number[]
    const removed = this.#remove(seqs)
    if (seqs.length > 0) return removed
    const empty = this.#s.isEmpty.get(batch.id) === 1
    if (empty) {
      this.#past.addBatch(batch.id)
      this.#s.removeBatch.run(batch.id)
    }
    this.#at = next ?? { startedAt: batch.startedAt, id: `${batch.id}\0` }
    return { ...removed, batches: empty ? 1 : 0 }
  }

  #remove(seqs: readonly number[]): RemovedRows {
    if (seqs.length === 0) return { findings: 0, incidents: 0, batches: 0, dead_letters: 0 }
    const which = JSON.stringify(seqs)
    const incidents = JSON.stringify(this.#s.incidents.all(which))
    const letters = this.#s.letters.get(which) as number
    this.#past.addFindings(which)
    this.#s.remove.run(which)
    const empty = JSON.stringify(this.#s.empty.all(incidents))
    this.#s.removeNotices.run(empty)
    const { changes } = this.#s.removeIncidents.run(empty)
    return { findings: seqs.length, incidents: changes, batches: 0, dead_letters: letters }
  }
}
