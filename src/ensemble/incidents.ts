import type { Finding } from '../core/documents/finding.ts'
import type { Incident } from '../core/documents/incident.ts'
import { atLeast } from '../core/documents/severity.ts'
import { deterministicId } from '../core/ids.ts'

/** Grouping of findings into incidents, pure: who it is about, what it is, and whether it is still the same one. */
export interface IncidentKey {
  readonly who: string
  readonly what: string
}

/** Longest name kept of an address or user: both come from the log, which is not to be trusted. */
const NAME_LIMIT = 256

/**
 * Who: the session's key (the address, else the user). What: the attack type that a rule named, else the detector with
 * the strongest vote, so that a scan and a login storm of the same address are two incidents.
 */
export function keyOf(finding: Finding): IncidentKey {
  const { session, attack_types, votes } = finding.oddline
  const who = session || finding.source?.address || finding.user?.name || finding.host?.name || 'unknown'
  const strongest = Object.entries(votes).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
  const what = attack_types[0] || strongest || 'anomaly'
  return { who: who.slice(0, NAME_LIMIT), what: what.slice(0, NAME_LIMIT) }
}

/** Whether the finding belongs to the incident in time: at most `gapMs` of log time before its begin or after its end. */
export function belongs(incident: Incident, finding: Finding, gapMs: number): boolean {
  const time = Date.parse(finding['@timestamp'])
  return time >= incident.firstSeen - gapMs && time <= incident.lastSeen + gapMs
}

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

/** The kind of incident in words that a person uses. */
export function titleOf(what: string): string {
  const known = WHAT[what]
  if (known) return known
  const words = what.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The incident with its sentence, which says what, who, how often and for how long. */
export function described(incident: Omit<Incident, 'summary'>): Incident {
  const { findings, firstSeen, lastSeen } = incident
  const count = findings === 1 ? 'one finding' : `${findings} findings`
  const span = lastSeen - firstSeen
  const during = findings === 1 || span < 1_000 ? '' : ` within ${durationOf(span)}`
  return { ...incident, summary: `${titleOf(incident.what)} from ${incident.who}: ${count}${during}` }
}

/** A length of time as a person says it: its largest unit, rounded. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
