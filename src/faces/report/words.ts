import type { Finding } from '../../core/documents/finding.ts'
import { SEVERITIES } from '../../core/documents/severity.ts'
import type { ReportData } from './model.ts'

/** What happened, in three sentences: how much was read, what was found in it, and what to look at first. */
export function threeSentences(data: ReportData): readonly [string, string, string] {
  return [whatWasRead(data), whatWasFound(data), whatFirst(data)]
}

function whatWasRead({ totals, span }: ReportData): string {
  const files = plural(totals.files.length, 'file')
  const when = span ? ` of ${period(span.first, span.last)}` : ''
  if (totals.lines === 0) return 'No new lines were read.'
  const read = totals.rejected === 0 ? 'all of them understood' : `${number(totals.rejected)} of them unreadable`
  return `Oddline read ${plural(totals.lines, 'line')} from ${files}${when}, ${read}.`
}

function whatWasFound({ findings, incidents, moreIncidents }: ReportData): string {
  if (findings.total === 0) return 'Nothing odd was found.'
  const worst = [...SEVERITIES].reverse().flatMap((severity) => {
    const n = findings.bySeverity[severity]
    return n > 0 ? [`${number(n)} ${severity}`] : []
  })
  const count = incidents.length + moreIncidents
  const grouped = count > 0 ? ` in ${plural(count, 'incident')}` : ''
  return `${plural(findings.total, 'finding')}${grouped} came of it: ${list(worst)}.`
}

function whatFirst({ incidents, loose, findings }: ReportData): string {
  if (incidents.length > 0) {
    const [{ incident }] = incidents
    const sentence = incident.summary.replace(/\.?$/, '')
    return `Look first at this one, ${incident.severity}: ${sentence}.`
  }
  if (loose.length > 0) return `Look first at this one: ${loose[0].message}`
  return findings.total === 0 ? 'There is nothing to do.' : 'Each is explained below.'
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`
}

export function number(n: number): string {
  return n.toLocaleString('en-US')
}

export function list(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** A time to the minute, UTC. */
export function minute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')}`
}

export function period(first: number, last: number): string {
  const from = minute(first)
  const to = minute(last)
  if (from.slice(0, 10) === to.slice(0, 10)) return `${from.slice(0, 10)}, ${from.slice(11)} to ${to.slice(11)} UTC`
  return `${from} to ${to} UTC`
}

export function titled(text: string): string {
  const words = text.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const ATTACK_NAME: Readonly<Record<string, string>> = {
  sqli: 'SQL injection',
  xss: 'Cross-site scripting',
  cmdi: 'Command injection',
  lfi: 'Local file inclusion',
  rfi: 'Remote file inclusion',
  ssrf: 'Server-side request forgery',
  ssti: 'Template injection',
  xxe: 'XML external entity',
  nosqli: 'NoSQL injection',
  crlf: 'Header injection',
  jndi: 'JNDI injection',
  ldapi: 'LDAP injection',
  rules: 'Matched a rule',
  isolation_forest: 'Unusual event',
  transformer: 'Unusual sequence',
}

/** An attack type, or the detector that stands for one, as a person says it. */
export function attackName(type: string): string {
  return Object.hasOwn(ATTACK_NAME, type) ? ATTACK_NAME[type] : titled(type)
}

export const DETECTOR_NAME = {
  rules: 'Signature rules',
  isolation_forest: 'Isolation forest',
  transformer: 'Transformer',
} as const

/** What a finding is about, in a few words. */
export function headline(finding: Finding): string {
  return finding.rule?.name ?? (finding.oddline.attack_types.map(attackName).join(', ') || 'Unusual behaviour')
}
