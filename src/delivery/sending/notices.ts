import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import { deterministicId } from '../../core/ids.ts'
import type { QueuedNotice } from '../../store/delivery/notices.ts'
import type { IncidentNotice, Notice } from '../sink/sink.ts'

/** Incidents that a digest describes. It counts the others. */
const TOP = 5

/** The notice of one incident, or a digest of several. */
export function noticeOf(items: readonly QueuedNotice[]): Notice {
  if (items.length === 1) return items[0].notice
  const notices = items.map((item) => item.notice).sort(strongestFirst)
  return {
    kind: 'digest',
    id: deterministicId('digest', ...notices.map((notice) => notice.id)),
    incidents: notices.length,
    findings: notices.reduce((sum, notice) => sum + notice.added, 0),
    bySeverity: countBySeverity(notices),
    top: notices.slice(0, TOP),
  }
}

function countBySeverity(notices: readonly IncidentNotice[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {}
  for (const { cause, incident } of notices) {
    if (cause !== 'resolved') counts[incident.severity] = (counts[incident.severity] ?? 0) + 1
  }
  return counts
}

/** Sorts resolved incidents last. */
function strongestFirst(a: IncidentNotice, b: IncidentNotice): number {
  return (
    Number(a.cause === 'resolved') - Number(b.cause === 'resolved') ||
    SEVERITIES.indexOf(b.incident.severity) - SEVERITIES.indexOf(a.incident.severity) ||
    b.incident.score - a.incident.score ||
    b.added - a.added ||
    (a.id < b.id ? -1 : 1)
  )
}
