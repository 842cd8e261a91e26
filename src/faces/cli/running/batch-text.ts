import type { BatchResult } from '../../../core/documents/batch.ts'
import { SEVERITIES } from '../../../core/documents/severity.ts'
import type { FindingGroup } from '../../../queries/findings/groups.ts'
import { bytesText } from '../../bytes-text.ts'
import { visible } from '../../visible.ts'
import { coloured, count, durationText, wrap } from '../text.ts'

const MAX_PROBLEMS = 10

/** What a batch did, for a person at an 80-column terminal. */
export function batchText(
  result: BatchResult,
  top: { readonly groups: readonly FindingGroup[]; readonly more: number },
  stream: NodeJS.WriteStream,
): string {
  const { totals } = result
  if (totals.lines === 0) return [nothing(result), ...problemLines(result)].join('\n')
  const took = durationText(result.finishedAt - result.startedAt)
  const read = `${count(totals.lines, 'line')} (${bytesText(totals.bytes)}) of ${count(totals.files.length, 'file')} in ${took}`
  const kinds = [
    `${totals.parsed.toLocaleString('en-US')} parsed`,
    `${totals.rejected.toLocaleString('en-US')} rejected`,
  ]
  if (totals.skipped > 0) kinds.push(`${totals.skipped.toLocaleString('en-US')} blank`)
  if (totals.truncated > 0) kinds.push(`${totals.truncated.toLocaleString('en-US')} cut`)
  const lines = [`Read ${read}: ${kinds.join(', ')}. Phase: ${result.phase}.`]
  if (result.resumed) lines.push('This batch was interrupted before; it went on from its last commit.')
  if (result.stopped) lines.push('Stopped early; the rest is read by the next run.')
  lines.push(...problemLines(result), '', findingsLine(result))
  if (totals.adjusted) lines.push(adjustedLine(totals.adjusted))
  lines.push('')
  for (const group of top.groups) lines.push(...groupLines(group, stream))
  if (top.more > 0) lines.push(`  and ${count(top.more, 'more group')} in the results`, '')
  if (result.folder) lines.push(`Results: ${result.folder}`)
  return lines.join('\n')
}

function problemLines({ totals: { problems } }: BatchResult): string[] {
  const lines = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ path, detail }) => wrap(`! ${visible(path)}: ${visible(detail)}`, '  '))
  if (problems.length > MAX_PROBLEMS) lines.push(`  ! and ${count(problems.length - MAX_PROBLEMS, 'more problem')}`)
  return lines
}

function nothing(result: BatchResult): string {
  if (result.files > 0) return `Nothing new in ${count(result.files, 'file')}.`
  return 'No log files found. Put some into the log directory, or name another with --log-dir.'
}

function findingsLine({ totals: { findings } }: BatchResult): string {
  if (findings.total === 0) return 'No findings.'
  const parts = [...SEVERITIES]
    .reverse()
    .filter((severity) => findings.by_severity[severity])
    .map((severity) => `${findings.by_severity[severity]} ${severity}`)
  return `${count(findings.total, 'finding')}: ${parts.join(', ')}`
}

/** Says how many findings adjustments suppressed, so that nobody overlooks them. */
function adjustedLine({ suppressed, weakened }: NonNullable<BatchResult['totals']['adjusted']>): string {
  return `Spared by adjustments: ${suppressed}, made weaker: ${weakened} (oddline verdicts adjustments)`
}

function groupLines(group: FindingGroup, stream: NodeJS.WriteStream): string[] {
  const { strongest } = group
  const times = group.count > 1 ? ` x${group.count}` : ''
  const head = `${group.severity.toUpperCase().padEnd(9)}${visible(group.what)}${times} — ${visible(group.session) || 'no address'}`
  const where = `${strongest.log.file.path}:${strongest.log.file.line}`
  return [coloured(group.severity, head, stream), wrap(visible(strongest.message), '  '), `  ${visible(where)}`, '']
}
