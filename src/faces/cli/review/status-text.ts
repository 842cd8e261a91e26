import { SEVERITIES } from '../../../core/documents/severity.ts'
import type { StatusReport } from '../../../queries/status.ts'
import { bytesText } from '../../bytes-text.ts'
import { visible } from '../../visible.ts'
import { leftAdvice } from '../left-advice.ts'
import { plainTable } from '../table.ts'
import { count, durationText, wrap } from '../text.ts'

/** The status for a person at an 80-column terminal. */
export function statusText(report: StatusReport): string {
  const { findings, files } = report
  const severities = [...SEVERITIES]
    .reverse()
    .map((severity) => `${findings.bySeverity[severity] ?? 0} ${severity}`)
    .join(', ')
  const lines = [
    `Phase     ${report.phase}${learnt(report)}`,
    ...rulesLines(report),
    ...driftLines(report),
    ...strangeLines(report),
    `Findings  ${findings.total.toLocaleString('en-US')} (${severities})`,
    `Files     ${count(files.known - files.gone, 'file')}, ${files.behind.length === 0 ? 'all read to the end' : 'behind:'}`,
    ...files.behind.map(
      (file) => `          ${visible(file.path)}: ${bytesText(file.bytes)}, ${durationText(file.seconds * 1000)}`,
    ),
  ]
  lines.push(...skippedLines(report))
  if (report.queues.length > 0) {
    const queues = report.queues.map(
      ({ sink, pending, deadLetters }) => `${visible(sink)}: ${pending} waiting, ${deadLetters} dead`,
    )
    lines.push(`Sinks     ${queues.join('; ')}`)
    const removed = report.queues.filter((queue) => queue.removed).map(({ sink }) => sink)
    if (removed.length > 0) lines.push(leftAdvice(removed, '          '))
  }
  lines.push(...keptLines(report), '', batchTable(report))
  return lines.join('\n')
}

function skippedLines({ files: { skipped } }: StatusReport): string[] {
  const { total, items } = skipped
  if (total === 0) return []
  const lines = items.map(({ path, why }) => wrap(`${visible(path)}: ${visible(why)}`, '          '))
  if (total > items.length) lines.push(`          and ${total - items.length} more`)
  return [`Skipped   ${count(total, 'file')} that ${total === 1 ? 'is no log' : 'are no logs'}:`, ...lines]
}

/** How much is kept, since when, and what was removed last. */
function keptLines({ retention: { database, output, removed } }: StatusReport): string[] {
  const since = (time: string | undefined) => (time === undefined ? '' : ` since ${time.slice(0, 10)}`)
  const folders = `${count(output.folders, 'folder')} of results, ${bytesText(output.bytes)}${since(output.since)}`
  const kept = `Kept      database ${bytesText(database.bytes)}${since(database.since)}; ${folders}`
  if (!removed) return [kept]
  const what = Object.entries(removed.last).map(([kind, n]) => {
    const [one, many] = NAMES[kind as keyof typeof NAMES]
    return count(n, one, many)
  })
  return [kept, `Removed   ${what.join(', ')} on ${removed.at.slice(0, 16).replace('T', ' ')} UTC`]
}

const NAMES = {
  findings: ['finding', 'findings'],
  incidents: ['incident', 'incidents'],
  batches: ['batch', 'batches'],
  dead_letters: ['dead letter', 'dead letters'],
  folders: ['folder', 'folders'],
} as const

function rulesLines({ rulesProblem }: StatusReport): string[] {
  if (rulesProblem === undefined) return []
  const listed = rulesProblem.split('\n').map((line) => `          ${visible(line)}`)
  return ['Rules     the last valid ones are in use, because', ...listed]
}

function driftLines({ learning: { drift } }: StatusReport): string[] {
  if (!drift || drift.measured === 0) return []
  const { level, templates, moved, measured, features } = drift
  const word = { none: 'none', some: 'some', retrain: 'much: the models are out of date' }[level]
  const unknown = `${(100 * templates.unknown).toFixed(1)} % unknown templates`
  const furthest = moved > 0 ? `, ${features[0].name} furthest` : ''
  return [`Drift     ${word} (${unknown}, ${moved} of ${measured} features moved${furthest})`]
}

function strangeLines({ learning: { drift } }: StatusReport): string[] {
  const kinds = (drift?.strange ?? []).map(({ kind, events }) => `${visible(kind)}, ${count(events, 'event')}`)
  return kinds.length === 0 ? [] : ['Unlearnt  judged by rules alone:', ...kinds.map((kind) => `          ${kind}`)]
}

function learnt({ phase, logsSeen, warmupTarget, learning }: StatusReport): string {
  const { model, unusable, collected, frozen } = learning
  const target = warmupTarget.toLocaleString('en-US')
  const percent = `${collected.toLocaleString('en-US')} of ${target} events (${Math.floor((100 * collected) / warmupTarget)} %)`
  // Beyond the target, the training waits for every kind of log that the models know, so that none is forgotten.
  const anew = collected > warmupTarget ? `${target} events and more, waiting for every kind of log` : percent
  const parts = [phase === 'warmup' ? percent : `${logsSeen.toLocaleString('en-US')} events seen`]
  if (model > 0) parts.push(`models of version ${model}`)
  if (unusable.length > 0) parts.push(`version ${unusable.join(', ')} cannot be used`)
  if (phase === 'ensemble' && collected > 0) parts.push(`collecting anew: ${anew}`)
  if (frozen) parts.push('learning is frozen')
  return `, ${parts.join(', ')}`
}

function batchTable({ batches }: StatusReport): string {
  const rows = batches.map(({ id, started, status, lines, rejected, findings }) => {
    return [id, started.slice(0, 19).replace('T', ' '), status, lines.toLocaleString('en-US'), rejected, findings]
  })
  return plainTable(['batch', 'started', 'status', 'lines', 'rejected', 'findings'], rows, 0)
}
