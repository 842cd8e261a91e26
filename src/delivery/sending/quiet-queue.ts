import type { Incident } from '../../core/documents/incident.ts'
import type { Database } from '../../store/database.ts'
import type { NoticeQueue, QueuedNotice } from '../../store/delivery/notices.ts'
import type { ClockChange, Gate, Queue, Settlement } from '../../store/delivery/queue.ts'
import { Silences } from '../../store/delivery/silences.ts'
import { Incidents } from '../../store/incidents.ts'
import type { InhibitRule, MuteWindow } from '../routing/config.ts'
import { glob } from '../routing/glob.ts'
import { inhibited } from '../routing/inhibition.ts'
import { mutedUntil } from '../routing/mute.ts'
import type { DeliveryTelemetry, HoldReason } from './telemetry.ts'

export interface QuietSettings {
  readonly sink: string
  readonly inhibit: readonly InhibitRule[]
  readonly mute: readonly MuteWindow[]
  /** If more notices than this are due at once, they become one digest. */
  readonly digestAbove: number
}

/** Held notices are checked again after this: a silence can be removed, and an inhibiting incident can end. */
const RECHECK_MS = 60_000

interface Hold {
  readonly why: HoldReason
  readonly until: number
}

/** Queue of notices that holds back silenced, inhibited and muted ones, and claims many at once for a digest. */
export class QuietQueue implements Queue<QueuedNotice> {
  readonly #notices: NoticeQueue
  readonly #incidents: Incidents
  readonly #silences: Silences
  readonly #settings: QuietSettings
  readonly #telemetry: DeliveryTelemetry

  constructor(db: Database, notices: NoticeQueue, settings: QuietSettings, telemetry: DeliveryTelemetry) {
    this.#notices = notices
    this.#incidents = new Incidents(db)
    this.#silences = new Silences(db)
    this.#settings = settings
    this.#telemetry = telemetry
  }

  claim(now: number, limit: number, leaseUntil: number): readonly QueuedNotice[] {
    for (;;) {
      const many = this.#notices.countDue(now) > this.#settings.digestAbove
      const claimed = this.#notices.claim(now, many ? limit : 1, leaseUntil)
      if (claimed.length === 0) return claimed
      const free = this.#withoutHeld(claimed, now)
      if (free.length > 0) return free
    }
  }

  #withoutHeld(claimed: readonly QueuedNotice[], now: number): QueuedNotice[] {
    const silences = this.#silences.list(now)
    const silenceOf = ({ who, what }: Incident) =>
      silences.find((s) => fits(s.matcher.who, who) && fits(s.matcher.what, what))
    const held: { item: QueuedNotice; until: number | null }[] = []
    const free = claimed.filter((item) => {
      const { incident } = item.notice
      const hold = this.#hold(incident, silenceOf(incident)?.expiresAt, now)
      if (!hold) return true
      // An incident that ended before the first notice needs no notice.
      const unseen = incident.status === 'resolved' && item.told === 0
      held.push({ item, until: unseen ? null : Math.min(hold.until, now + RECHECK_MS) })
      this.#telemetry.held(this.#settings.sink, 1, hold.why)
      return false
    })
    this.#notices.postpone(held)
    return free
  }

  #hold(incident: Incident, silencedUntil: number | undefined, now: number): Hold | undefined {
    if (silencedUntil !== undefined) return { why: 'silenced', until: silencedUntil }
    const muted = mutedUntil(this.#settings.mute, incident.severity, now)
    if (muted !== undefined) return { why: 'muted', until: muted }
    const others = this.#incidents.openBy(incident.who, 20)
    return inhibited(incident, others, this.#settings.inhibit)
      ? { why: 'inhibited', until: now + RECHECK_MS }
      : undefined
  }

  gate(): Gate {
    return this.#notices.gate()
  }

  settle(settlement: Settlement<QueuedNotice>, gate: Gate, now: number): void {
    this.#notices.settle(settlement, gate, now)
  }

  nextDue(): number {
    return this.#notices.nextDue()
  }

  backlog() {
    return this.#notices.backlog()
  }

  forgive(ms: number, now: number): void {
    this.#notices.forgive(ms, now)
  }

  clockSet(change: ClockChange): void {
    this.#notices.clockSet(change)
  }

  release(): void {
    this.#notices.release()
  }
}

function fits(pattern: string | undefined, value: string): boolean {
  return pattern === undefined || glob(pattern)(value)
}
