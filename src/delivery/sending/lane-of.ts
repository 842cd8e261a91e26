import type { SteadyClock } from '../../core/clock.ts'
import type { Finding } from '../../core/documents/finding.ts'
import type { Random } from '../../core/random.ts'
import type { Database } from '../../store/database.ts'
import { NoticeQueue, type QueuedNotice } from '../../store/delivery/notices.ts'
import { FindingQueue, type QueuedFinding } from '../../store/delivery/outbox.ts'
import type { IncidentsConfig } from '../routing/config.ts'
import type { ConfiguredSink } from '../routing/configure.ts'
import { planOf } from '../routing/routes.ts'
import type { Sink } from '../sink/sink.ts'
import { Lane, type LaneOptions } from './lane.ts'
import { noticeOf } from './notices.ts'
import { QuietQueue } from './quiet-queue.ts'
import { DEFAULT_RETRY } from './retry-policy.ts'
import type { DeliveryTelemetry } from './telemetry.ts'

/** Most incidents in one digest. */
const MAX_DIGEST = 1_000

export interface LaneSettings {
  readonly incidents: IncidentsConfig
  readonly clock: SteadyClock
  readonly random: Random
  readonly telemetry: DeliveryTelemetry
}

/** Builds the lane of a configured sink: its queue in the database, and the call that sends. */
export function laneOf(
  db: Database,
  configured: ConfiguredSink,
  { incidents, clock, random, telemetry }: LaneSettings,
): Lane<QueuedFinding> | Lane<QueuedNotice> {
  const { name, settings, limits } = configured
  const { ratePerSecond: perSecond, burst } = limits
  const shared = {
    name,
    rate: perSecond === undefined ? undefined : { perSecond, burst: burst ?? Math.max(1, perSecond) },
    timeoutMs: settings.timeout,
    renewed: configured.renewed,
    retry: { ...DEFAULT_RETRY, capMs: settings.retry_max_wait, giveUpMs: settings.retry_for },
    clock,
    random,
    telemetry,
  }
  switch (configured.takes) {
    case 'findings': {
      const { sink } = configured
      const queue = new FindingQueue(db, name)
      return new Lane({ ...shared, queue, send: findingSender(sink), maxBatch: limits.maxBatch, drainAheadMs: 0 })
    }
    case 'notices': {
      const { sink } = configured
      const { mute, digest_above: digestAbove, group_wait: drainAheadMs } = settings
      const quiet = { sink: name, inhibit: incidents.inhibit, mute, digestAbove }
      const queue = new QuietQueue(db, new NoticeQueue(db, name, planOf(settings)), quiet, telemetry)
      const send: LaneOptions<QueuedNotice>['send'] = (items, signal) => sink.notify(noticeOf(items), signal)
      return new Lane({ ...shared, queue, send, maxBatch: MAX_DIGEST, drainAheadMs })
    }
    default:
      throw new Error(`unknown kind of sink ${JSON.stringify(configured satisfies never)}`)
  }
}

/** Translates between the queued findings of a lane and the findings of a sink. */
function findingSender(sink: Sink): LaneOptions<QueuedFinding>['send'] {
  return async (items, signal) => {
    const findings = items.map((item) => item.finding)
    const outcome = await sink.deliver(findings, signal)
    if (outcome.kind !== 'partial') return outcome
    const itemOf = new Map<Finding, QueuedFinding>(items.map((item) => [item.finding, item]))
    const retry = outcome.retry.map((finding) => itemOf.get(finding)).filter((item) => item !== undefined)
    const rejected = outcome.rejected.flatMap(({ finding, reason, detail }) => {
      const item = itemOf.get(finding)
      return item ? [{ item, reason, detail }] : []
    })
    return { ...outcome, retry, rejected }
  }
}
