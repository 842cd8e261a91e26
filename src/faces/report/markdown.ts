import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import { visible, visibleCut } from '../visible.ts'
import type { ReportData } from './model.ts'
import { attackName, DETECTOR_NAME, headline, minute, number, period, plural, threeSentences, titled } from './words.ts'

const MAX_LINE = 1000

/**
 * Log text as a Markdown code span. Its fence is longer than any run of back-ticks in the text, so that the text cannot
 * end it, link, or embed. Line breaks are escaped.
 */
export function codeSpan(text: string): string {
  const shown = visibleCut(text, MAX_LINE)
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown === '' ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** Log text within a sentence, with everything escaped that Markdown, HTML or automatic links would interpret. */
export function escaped(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]<>()#+!|~$&]/g, (char) =>
      char === '<' ? '&lt;' : char === '>' ? '&gt;' : char === '&' ? '&amp;' : `\\${char}`,
    )
    .replace(/:\/\//g, ':\u200b//'.replace('\u200b', '&#8203;'))
    .replace(/^(\s*)([-=]|\d+\.)/, '$1\\$2')
}

/** One finding with its evidence. */
export function findingMarkdown(finding: Finding): string {
  const { log, event, oddline } = finding
  const lines = [
    `**${titled(oddline.severity)}, ${event.risk_score} of 100: ${escaped(headline(finding))}**`,
    '',
    escaped(finding.message),
    '',
    `- Line: ${codeSpan(event.original)}`,
    `- Where: ${codeSpan(`${log.file.path}:${log.file.line}`)}, byte ${log.offset}, ${minute(Date.parse(finding['@timestamp']))} UTC`,
    `- Id: ${codeSpan(event.id)}`,
  ]
  for (const one of [...oddline.evidence].sort((a, b) => b.score - a.score)) {
    lines.push(`- ${DETECTOR_NAME[one.detector]} (${Math.round(one.score * 100)}): ${escaped(one.summary)}`)
    if (one.detector === 'rules') {
      for (const { title, field, matched } of one.matches)
        lines.push(`  - ${escaped(title)}: ${codeSpan(field)} holds ${codeSpan(matched)}`)
    } else if (one.detector === 'isolation_forest') {
      for (const { name, actual, typical } of one.features.slice(0, 3))
        lines.push(`  - ${escaped(titled(name))}: ${short(actual)}, usually ${short(typical)}`)
    } else {
      const [next] = one.expected
      lines.push(`  - seen ${codeSpan(one.seen.template)}${next ? `, expected ${codeSpan(next.template)}` : ''}`)
    }
  }
  return lines.join('\n')
}

/** An incident with the findings that speak for it. */
export function incidentMarkdown(incident: Incident, findings: readonly Finding[]): string {
  return [
    `### ${titled(incident.severity)}: ${escaped(attackName(incident.what))} from ${codeSpan(incident.who)}`,
    '',
    `${escaped(incident.summary)}`,
    '',
    `${plural(incident.findings, 'finding')}, ${period(incident.firstSeen, incident.lastSeen)}, ${incident.status}. Incident ${codeSpan(incident.id)}.`,
    '',
    ...findings.flatMap((finding) => [findingMarkdown(finding), '']),
  ].join('\n')
}

/** A whole report. */
export function reportMarkdown(data: ReportData): string {
  const top = (title: string, entries: ReportData['addresses']) =>
    entries.length === 0
      ? []
      : [
          `## ${title}`,
          '',
          ...entries.map(
            ({ name, findings, severity }) => `- ${codeSpan(name)}: ${plural(findings, 'finding')}, ${severity}`,
          ),
          '',
        ]
  return [
    `# ${data.title}${data.span ? `, ${period(data.span.first, data.span.last)}` : ''}`,
    '',
    threeSentences(data).map(escaped).join(' '),
    '',
    ...(data.incidents.length > 0
      ? [
          '## Incidents',
          '',
          ...data.incidents.map(({ incident, findings }) => incidentMarkdown(incident, findings.slice(0, 1))),
        ]
      : []),
    ...(data.loose.length > 0
      ? ['## Findings', '', ...data.loose.flatMap((finding) => [findingMarkdown(finding), ''])]
      : []),
    ...top('Addresses', data.addresses),
    ...top('Users', data.users),
    ...top('Paths', data.paths),
    ...(data.totals.files.length > 0
      ? [
          '## What was read',
          '',
          ...data.totals.files
            .slice(0, 50)
            .map(
              ({ path, lines, rejected, findings }) =>
                `- ${codeSpan(path)}: ${plural(lines, 'line')}, ${number(rejected)} not understood, ${plural(findings, 'finding')}`,
            ),
          '',
        ]
      : []),
    ...data.problems.map(
      ({ path, kind, detail }) => `- ${codeSpan(path)}: ${escaped(titled(kind))}. ${escaped(detail)}`,
    ),
  ].join('\n')
}

function short(value: number): string {
  return Number.isInteger(value) ? number(value) : String(Number(value.toPrecision(3)))
}
