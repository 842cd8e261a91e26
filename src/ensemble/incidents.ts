import type { Finding } from '../core/documents/finding.ts'
import type { Incident } from '../core/documents/incident.ts'
import { atLeast } from '../core/documents/severity.ts'
import { deterministicId } from '../core/ids.ts'

/** Findings with the same key, close in time, form one incident. */
export interface IncidentKey {
  readonly who: string
  readonly what: string
}

/** Longest address or user name in a key, characters. Both come from untrusted log text. */
const NAME_LIMIT = 256

/**
 * The key of a finding. Who: the session key, which is the address or else the user. What: the attack type of the matched
 * rule, else the detector with the highest score. So a scan and a login storm from one address are two incidents.
 */
export function keyOf(finding: Finding): IncidentKey {
  const { session, attack_types, votes } = finding.oddline
  const who = session || finding.source?.address || finding.user?.name || finding.host?.name || 'unknown'
  const strongest = Object.entries(votes).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
  const what = attack_types[0] || strongest || 'anomaly'
  return { who: who.slice(0, NAME_LIMIT), what: what.slice(0, NAME_LIMIT) }
}

/** Whether a finding is close enough in log time: at most `gapMs` before the start or after the end of the incident. */
export function belongs(incident: Incident, finding: Finding, gapMs: number): boolean {
  const time = Date.parse(finding['@timestamp'])
  return time >= incident.firstSeen - gapMs && time <= incident.lastSeen + gapMs
}

/** A new incident with one finding. */
export function opened(key: IncidentKey, finding: Finding): Incident {
  const time = Date.parse(finding['@timestamp'])
  return described({
    id: deterministicId('incident', key.who, key.what, finding.event.id),
    status: 'open',
    severity: finding.oddline.severity,
    who: key.who,
    what: key.what,
    firstSeen: time,
    lastSeen: time,
    findings: 1,
    strongest: finding.event.id,
    score: finding.oddline.score,
  })
}

/** The incident with one more finding. */
export function joined(incident: Incident, finding: Finding): Incident {
  const time = Date.parse(finding['@timestamp'])
  const { severity, score } = finding.oddline
  const stronger = score > incident.score
  return described({
    ...incident,
    severity: atLeast(severity, incident.severity) ? severity : incident.severity,
    firstSeen: Math.min(incident.firstSeen, time),
    lastSeen: Math.max(incident.lastSeen, time),
    findings: incident.findings + 1,
    strongest: stronger ? finding.event.id : incident.strongest,
    score: stronger ? score : incident.score,
  })
}

const WHAT: Record<string, string> = {
  sqli: 'SQL injection',
  nosql: 'NoSQL injection',
  ldap_injection: 'LDAP injection',
  xss: 'Cross-site scripting',
  xxe: 'XML external entity',
  ssrf: 'Server-side request forgery',
  ssti: 'Template injection',
  ssi: 'Server-side include',
  jndi: 'JNDI lookup (Log4Shell)',
  crlf_injection: 'CRLF injection',
  php_injection: 'PHP injection',
  cmdi: 'Command injection',
  sensitive_file: 'Search for secret files',
  http_method: 'Unusual HTTP method',
  forced_browsing: 'Search for hidden pages',
  brute_force: 'Password guessing',
  scanner: 'Scanning',
  isolation_forest: 'Unusual behaviour',
  transformer: 'Unusual sequence of events',
  rules: 'Suspicious events',
}

/** The title of an incident for people. `what`: see `keyOf`. */
export function titleOf(what: string): string {
  const known = WHAT[what]
  if (known) return known
  const words = what.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Adds the summary: what, who, number of findings, duration. */
export function described(incident: Omit<Incident, 'summary'>): Incident {
  const { findings, firstSeen, lastSeen } = incident
  const count = findings === 1 ? 'one finding' : `${findings} findings`
  const span = lastSeen - firstSeen
  const during = findings === 1 || span < 1_000 ? '' : ` within ${durationOf(span)}`
  return { ...incident, summary: `${titleOf(incident.what)} from ${incident.who}: ${count}${during}` }
}

/** A duration for people, rounded to its largest unit. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
