import type { Incident } from '../../core/documents/incident.ts'
import type { Database } from '../../store/database.ts'
import { Incidents } from '../../store/incidents.ts'
import type { NoticeQueue, QueuedNotice } from '../../store/notices.ts'
import type { Gate, Queue, Settlement } from '../../store/queue.ts'
import { Silences } from '../../store/silences.ts'
import type { InhibitRule, MuteWindow } from '../routing/config.ts'
import { glob } from '../routing/glob.ts'
import { inhibited } from '../routing/inhibition.ts'
import { mutedUntil } from '../routing/mute.ts'
import type { DeliveryTelemetry } from './telemetry.ts'

export interface QuietSettings {
  readonly sink: string
  readonly inhibit: readonly InhibitRule[]
  readonly mute: readonly MuteWindow[]
  /** More notices than this due at once go out as one digest. */
  readonly digestAbove: number
}

/** What is held back is looked at again after this at the latest: a silence may be lifted, a graver incident end. */
const LOOK_AGAIN_MS = 60_000

interface Hold {
  readonly why: 'silenced' | 'inhibited' | 'muted'
  readonly until: number
}

/** The queue of notices as people want it: without what is silenced, inhibited or muted, and many at once as one. */
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
      // An incident that was over before anybody could be told is no news any more.
      const over = incident.status === 'resolved' && item.told === 0
      held.push({ item, until: over ? null : Math.min(hold.until, now + LOOK_AGAIN_MS) })
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
    const others = this.#incidents.list({ who: incident.who, status: 'open' }, 20)
    return inhibited(incident, others, this.#settings.inhibit)
      ? { why: 'inhibited', until: now + LOOK_AGAIN_MS }
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

  release(): void {
    this.#notices.release()
  }
}

function fits(pattern: string | undefined, value: string): boolean {
  return pattern === undefined || glob(pattern)(value)
}
