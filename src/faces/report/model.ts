import type { ReadProblem, Totals } from '../../core/documents/batch.ts'
import type { Finding, Phase } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import { SEVERITIES } from '../../core/documents/severity.ts'
import type { Reject } from '../../core/parsed.ts'
import { type BatchItem, batchById, listBatches, sumTotals } from '../../queries/batches.ts'
import type { FindingCriteria } from '../../queries/findings/filter.ts'
import { type FindingTotals, findingSpan, findingTotals, strongestFindings } from '../../queries/findings/findings.ts'
import { findingsOfIncident, listIncidents } from '../../queries/findings/incidents.ts'
import { periodOf, spanOf, type Timeline, timeline } from '../../queries/findings/timeline.ts'
import { type TopEntry, topOf } from '../../queries/findings/top.ts'
import type { State } from '../../queries/state.ts'

const SLOTS = 96
const TOP = 8
const MAX_INCIDENTS = 40
const FINDINGS_PER_INCIDENT = 3
const MAX_LOOSE = 20

export interface ReportIncident {
  readonly incident: Incident
  /** Its strongest findings, each of another rule or detector. */
  readonly findings: readonly Finding[]
}

/** State of the learning, as far as the caller knows it. */
export interface ReportLearning {
  readonly phase: Phase
  readonly warmupSeen?: number
  readonly warmupTarget?: number
  readonly modelVersion?: string
  readonly trainedAt?: number
  /** 0 to 1, the share of recent events unlike what was learnt; absent where it is not measured. */
  readonly drift?: number
  readonly driftDetail?: string
}

/** The content of a report in any format. Times in ms since the epoch. */
export interface ReportData {
  readonly title: string
  readonly generatedAt: number
  /** Log time that the report covers; absent where no event had a time. */
  readonly span?: { readonly first: number; readonly last: number }
  readonly batches: readonly BatchItem[]
  readonly totals: Totals
  readonly findings: FindingTotals
  readonly timeline?: Timeline
  /** Whether events lie outside the timeline, which then shows the busiest period. */
  readonly timelineCut?: boolean
  readonly addresses: readonly TopEntry[]
  readonly users: readonly TopEntry[]
  readonly paths: readonly TopEntry[]
  readonly incidents: readonly ReportIncident[]
  readonly moreIncidents: number
  /** The strongest findings, where no incident was formed. */
  readonly loose: readonly Finding[]
  readonly learning?: ReportLearning
  readonly rejects: readonly (Reject & { readonly file: string })[]
  readonly problems: readonly ReadProblem[]
}

interface Extras {
  readonly learning?: ReportLearning
  /** Some of the lines that could not be read. */
  readonly rejects?: readonly (Reject & { readonly file: string })[]
  readonly now: number
}

/** What one batch found, or several together. */
export function batchReport(db: State, batch: string | readonly string[], extras: Extras): ReportData {
  const ids = typeof batch === 'string' ? [batch] : batch
  const items = ids.flatMap((id) => batchById(db, id) ?? [])
  const title = ids.length === 1 ? 'Batch report' : `Report of ${ids.length} batches`
  return build(db, { batches: ids }, items, { title, ...extras })
}

/** The findings of a period of log time, such as the daily security report. */
export function periodReport(db: State, since: number, until: number, extras: Extras): ReportData {
  const batches = listBatches(db, { limit: 500 }, since).items
  return build(db, { since, until }, batches, { title: 'Security report', ...extras })
}

function build(
  db: State,
  filter: FindingCriteria,
  batches: readonly BatchItem[],
  extras: Extras & { title: string },
): ReportData {
  const incidents = listIncidents(db, filter, { limit: 500 }).items
  const ranked = [...incidents].sort((a, b) => b.score - a.score || b.findings - a.findings)
  const span = scaleOf(db, filter)
  const busiest = filter.since === undefined ? periodOf(db, filter) : undefined
  const scale = busiest ?? span
  const top = topOf(db, ['address', 'user', 'path'], filter, TOP)
  return {
    title: extras.title,
    generatedAt: extras.now,
    span,
    batches,
    totals: sumTotals(batches),
    findings: filter.batches === undefined ? findingTotals(db, filter) : totalsOf(sumTotals(batches)),
    timeline: scale && timeline(db, { ...filter, since: scale.first, until: scale.last }, SLOTS),
    timelineCut: busiest?.whole === false,
    addresses: top.address,
    users: top.user,
    paths: top.path,
    incidents: ranked.slice(0, MAX_INCIDENTS).map((incident) => ({
      incident,
      findings: telling(findingsOfIncident(db, incident.id, 50)),
    })),
    moreIncidents: Math.max(0, ranked.length - MAX_INCIDENTS),
    loose: ranked.length > 0 ? [] : strongestFindings(db, filter, MAX_LOOSE),
    learning: extras.learning,
    rejects: extras.rejects ?? [],
    problems: sumTotals(batches).problems,
  }
}

/** The counts of a batch, which it made itself. */
function totalsOf({ findings }: Totals): FindingTotals {
  const bySeverity = Object.fromEntries(SEVERITIES.map((name) => [name, findings.by_severity[name] ?? 0]))
  const ranked = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
  return {
    total: findings.total,
    bySeverity: bySeverity as FindingTotals['bySeverity'],
    byDetector: ranked(findings.by_detector),
    byAttackType: ranked(findings.by_attack_type),
  }
}

/** A span that holds what was read and what was found, whichever reaches further; of a period, the period. */
function scaleOf(db: State, filter: FindingCriteria): ReportData['span'] {
  if (filter.since !== undefined && filter.until !== undefined) return { first: filter.since, last: filter.until }
  const found = findingSpan(db, filter)
  const read = spanOf(db, filter)
  if (!found && !read) return undefined
  const first = Math.min(found?.first ?? Infinity, read?.first ?? Infinity)
  const last = Math.max(found?.last ?? -Infinity, read?.last ?? -Infinity)
  return { first, last: Math.max(last, first) + 1 }
}

/** The strongest finding, then those of another rule or detector, so that three findings say three things. */
function telling(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  const different = findings.filter((finding) => {
    const kind = `${finding.rule?.id ?? ''} ${finding.oddline.evidence.map((one) => one.detector).join(' ')}`
    return seen.has(kind) ? false : seen.add(kind)
  })
  return different.slice(0, FINDINGS_PER_INCIDENT)
}
