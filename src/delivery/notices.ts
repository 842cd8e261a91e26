import { deterministicId } from '../core/ids.ts'
import { SEVERITIES } from '../core/severity.ts'
import type { QueuedNotice } from '../store/notices.ts'
import type { IncidentNotice, Notice } from './sink.ts'

/** Incidents that a digest names; of the rest it gives the number. */
const TOP = 5

/** One incident as it is; several as a digest. */
export function noticeOf(items: readonly QueuedNotice[]): Notice {
  if (items.length === 1) return items[0].notice
  const notices = items.map((item) => item.notice).sort(strongestFirst)
  return {
    kind: 'digest',
    id: deterministicId('digest', ...notices.map((notice) => notice.id)),
    incidents: notices.length,
    findings: notices.reduce((sum, notice) => sum + notice.added, 0),
    top: notices.slice(0, TOP),
  }
}

function strongestFirst(a: IncidentNotice, b: IncidentNotice): number {
  return (
    SEVERITIES.indexOf(b.incident.severity) - SEVERITIES.indexOf(a.incident.severity) ||
    b.incident.score - a.incident.score ||
    b.added - a.added ||
    (a.id < b.id ? -1 : 1)
  )
}
