import type { Incident } from '../../core/documents/incident.ts'
import type { IncidentNotice } from '../../core/documents/notice.ts'
import type { Severity } from '../../core/documents/severity.ts'
import { deterministicId } from '../../core/ids.ts'
import type { Database } from '../database.ts'
import { Incidents } from '../incidents.ts'
import { DeadLetters } from './dead-letters.ts'
import type { Burial, ClockChange, Gate, Queue, Queued, Settlement } from './queue.ts'
import { SinkStates } from './sink-state.ts'

export interface QueuedNotice extends Queued {
  readonly notice: IncidentNotice
  /** Notices of this incident before this one. */
  readonly told: number
}

interface NoticeRow {
  incident: string
  due_at: number | null
  attempts: number
  first_tried_at: number
  told: number
  told_at: number | null
  told_severity: Severity | null
  told_findings: number
  told_status: 'open' | 'resolved' | null
}

/** What people were told last. */
export interface Told {
  readonly at: number
  readonly severity: Severity
  readonly findings: number
  readonly status: 'open' | 'resolved'
}

/** Decides when people are told of an incident, in ms since the epoch; null for not at all until it changes. */
export interface NoticePlan {
  due(incident: Incident, told: Told | undefined, planned: number | null, now: number): number | null
  /** Longest wait for the first notice of an incident, and for a later one, ms. */
  readonly firstWaitMs: number
  readonly laterWaitMs: number
}

/** Findings shown with a notice. */
const SHOWN = 3

/** The queue of notices of one sink: one row per incident, with what people were told last. */
export class NoticeQueue implements Queue<QueuedNotice> {
  readonly #db: Database
  readonly #sink: string
  readonly #plan: NoticePlan
  readonly #states: SinkStates
  readonly #incidents: Incidents
  readonly #deadLetters: DeadLetters
  readonly #s

  constructor(db: Database, sink: string, plan: NoticePlan) {
    this.#db = db
    this.#sink = sink
    this.#plan = plan
    this.#states = new SinkStates(db)
    this.#incidents = new Incidents(db)
    this.#deadLetters = new DeadLetters(db)
    this.#s = {
      row: db.prepare<[string, string], NoticeRow>('SELECT * FROM notices WHERE sink = ? AND incident = ?'),
      plan: db.prepare(`
        INSERT INTO notices (sink, incident, due_at) VALUES (:sink, :incident, :due)
        ON CONFLICT (sink, incident) DO UPDATE SET due_at = excluded.due_at`),
      due: db.prepare<object, { incident: string }>(
        'SELECT incident FROM notices WHERE sink = :sink AND due_at <= :now AND leased_until <= :now ORDER BY due_at, incident LIMIT :limit',
      ),
      countDue: db
        .prepare<object, number>(
          'SELECT count(*) FROM notices WHERE sink = :sink AND due_at <= :now AND leased_until <= :now',
        )
        .pluck(),
      lease: db.prepare<object, NoticeRow>(
        `UPDATE notices SET leased_until = :leaseUntil, attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, :now)
         WHERE sink = :sink AND incident = :incident RETURNING *`,
      ),
      told: db.prepare(`
        UPDATE notices SET leased_until = 0, attempts = 0, first_tried_at = NULL, alone = 0, told = told + 1, due_at = NULL,
          told_at = :now, told_severity = :severity, told_findings = :findings, told_status = :status
        WHERE sink = :sink AND incident = :incident`),
      giveBack: db.prepare<[string, string]>('UPDATE notices SET leased_until = 0 WHERE sink = ? AND incident = ?'),
      postpone: db.prepare<[number | null, string, string]>(
        'UPDATE notices SET leased_until = 0, attempts = 0, first_tried_at = NULL, due_at = ? WHERE sink = ? AND incident = ?',
      ),
      forgive: db.prepare<object>(
        `UPDATE notices SET first_tried_at = min(first_tried_at + :ms, :now)
         WHERE sink = :sink AND first_tried_at IS NOT NULL`,
      ),
      clockSet: db.prepare<object>(
        `UPDATE notices SET told_at = min(told_at + :byMs, :now), first_tried_at = min(first_tried_at + :byMs, :now),
           due_at = min(due_at + :byMs, :now + iif(told = 0, :firstWaitMs, :laterWaitMs)),
           leased_until = iif(leased_until = 0, 0, leased_until + :byMs)
         WHERE sink = :sink`,
      ),
      release: db.prepare<[string]>('UPDATE notices SET leased_until = 0 WHERE sink = ? AND leased_until > 0'),
      next: db
        .prepare<[string], number>(
          'SELECT min(max(due_at, leased_until)) FROM notices WHERE sink = ? AND due_at IS NOT NULL',
        )
        .pluck(),
      backlog: db.prepare<[string], { pending: number; oldest: number | null }>(
        `SELECT count(*) AS pending, min(due_at) AS oldest FROM notices
         WHERE sink = ? AND due_at IS NOT NULL AND (told = 0 OR attempts > 0)`,
      ),
    }
  }

  /**
   * Plans the next notice of an incident that changed, inside the caller's transaction.
   * @param introduce whether the sink wants this incident even if it was never told of it
   */
  plan(incident: Incident, introduce: boolean, now: number): void {
    const row = this.#s.row.get(this.#sink, incident.id)
    if (!row && !introduce) return
    const due = this.#plan.due(incident, row ? toldOf(row) : undefined, row?.due_at ?? null, now)
    this.#s.plan.run({ sink: this.#sink, incident: incident.id, due })
  }

  gate(): Gate {
    return this.#states.read(this.#sink)
  }

  claim(now: number, limit: number, leaseUntil: number): readonly QueuedNotice[] {
    const sink = this.#sink
    return this.#db
      .transaction(() => {
        const due = this.#s.due.all({ sink, now, limit })
        return due.map(({ incident }) =>
          this.#queued(this.#s.lease.get({ sink, incident, now, leaseUntil }) as NoticeRow),
        )
      })
      .immediate()
  }

  countDue(now: number): number {
    return this.#s.countDue.get({ sink: this.#sink, now }) as number
  }

  settle(settlement: Settlement<QueuedNotice>, gate: Gate, now: number): void {
    this.#db
      .transaction(() => {
        for (const item of settlement.delivered) this.#tell(item, now)
        for (const { notice } of settlement.retry) this.#s.giveBack.run(this.#sink, notice.incident.id)
        if (settlement.aside) this.#postpone(settlement.aside.item, settlement.aside.until)
        for (const burial of settlement.dead) this.#bury(burial, now)
        this.#states.write(this.#sink, gate)
      })
      .immediate()
  }

  /** Holds notices back until a time; null means until their incident changes. */
  postpone(held: readonly { readonly item: QueuedNotice; readonly until: number | null }[]): void {
    if (held.length === 0) return
    this.#db
      .transaction(() => {
        for (const { item, until } of held) this.#postpone(item, until)
      })
      .immediate()
  }

  nextDue(): number {
    return this.#s.next.get(this.#sink) ?? Number.POSITIVE_INFINITY
  }

  backlog() {
    return this.#s.backlog.get(this.#sink) as { pending: number; oldest: number | null }
  }

  forgive(ms: number, now: number): void {
    this.#s.forgive.run({ sink: this.#sink, ms, now })
  }

  clockSet(change: ClockChange): void {
    const { firstWaitMs, laterWaitMs } = this.#plan
    this.#db
      .transaction(() => {
        this.#s.clockSet.run({ sink: this.#sink, ...change, firstWaitMs, laterWaitMs })
        this.#states.clockSet(this.#sink, change)
      })
      .immediate()
  }

  release(): void {
    this.#s.release.run(this.#sink)
  }

  #queued(row: NoticeRow): QueuedNotice {
    const incident = this.#incidents.get(row.incident) as Incident
    const cause = causeOf(incident, row)
    const notice: IncidentNotice = {
      kind: 'incident',
      id: deterministicId('notice', this.#sink, incident.id, row.told),
      cause,
      incident,
      added: incident.findings - row.told_findings,
      findings: this.#incidents.findings(incident.id, SHOWN),
    }
    return { notice, told: row.told, attempts: row.attempts, firstTriedAt: row.first_tried_at }
  }

  /** Records what was told and plans the next notice, because the incident may have changed meanwhile. */
  #tell({ notice }: QueuedNotice, now: number): void {
    const { id, severity, findings, status } = notice.incident
    this.#s.told.run({ sink: this.#sink, incident: id, now, severity, findings, status })
    const current = this.#incidents.get(id)
    if (current) this.plan(current, false, now)
  }

  #postpone(item: QueuedNotice, until: number | null): void {
    this.#s.postpone.run(until, this.#sink, item.notice.incident.id)
  }

  #bury({ item, reason, detail }: Burial<QueuedNotice>, now: number): void {
    const incident = item.notice.incident.id
    this.#postpone(item, null)
    this.#deadLetters.bury({ sink: this.#sink, seq: null, incident, reason, detail, attempts: item.attempts }, now)
  }
}

function causeOf(incident: Incident, row: NoticeRow): IncidentNotice['cause'] {
  if (incident.status === 'resolved' && row.told > 0) return 'resolved'
  if (row.told === 0) return 'opened'
  return incident.findings > row.told_findings || incident.severity !== row.told_severity ? 'grown' : 'repeated'
}

function toldOf(row: NoticeRow): Told | undefined {
  const { told_at, told_severity, told_findings, told_status } = row
  if (told_at === null || told_severity === null || told_status === null) return undefined
  return { at: told_at, severity: told_severity, findings: told_findings, status: told_status }
}
