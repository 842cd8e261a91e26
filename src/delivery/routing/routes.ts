import type { Finding } from '../../core/documents/finding.ts'
import type { NoticePlan } from '../../store/delivery/notices.ts'
import { TimedPlan } from '../sending/notice-timing.ts'
import type { HostSettings, IncidentsConfig } from './config.ts'
import type { ConfiguredSink } from './configure.ts'
import { matcherOf } from './routing.ts'

/** Which findings each sink gets, prepared once from the configuration. */
export interface Routes {
  /** Sinks that take findings. */
  readonly findings: readonly {
    readonly sink: string
    readonly wants: (finding: Finding) => boolean
    readonly capacity: number
  }[]
  /** Sinks that take notices. */
  readonly notices: readonly {
    readonly sink: string
    readonly wants: (finding: Finding) => boolean
    readonly plan: NoticePlan
  }[]
  readonly grouping: {
    /** Findings of the same who and what belong to different incidents if they are further apart than this, ms of log time. */
    readonly gapMs: number
    /** An incident without new findings for this long is resolved, ms. */
    readonly resolveAfterMs: number
  }
}

export function routesOf(
  sinks: readonly Pick<ConfiguredSink, 'name' | 'takes' | 'settings'>[],
  incidents: IncidentsConfig,
): Routes {
  return {
    findings: sinks
      .filter((s) => s.takes === 'findings')
      .map((s) => ({ sink: s.name, wants: matcherOf(s.settings.route), capacity: s.settings.capacity })),
    notices: sinks
      .filter((s) => s.takes === 'notices')
      .map((s) => ({ sink: s.name, wants: matcherOf(s.settings.route), plan: planOf(s.settings) })),
    grouping: { gapMs: incidents.gap, resolveAfterMs: incidents.resolve_after },
  }
}

/** When people get a notice, from the settings of a sink. */
export function planOf(settings: HostSettings): TimedPlan {
  return new TimedPlan({
    waitMs: settings.group_wait,
    intervalMs: settings.group_interval,
    repeatMs: settings.repeat_interval,
    tellResolved: settings.tell_resolved,
  })
}
