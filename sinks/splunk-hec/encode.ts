import { hostname } from 'node:os'
import type { Finding } from '#sink'
import type { SplunkHecConfig } from './config.ts'

/** Concatenated event objects, the format of HEC: one per line, no array. */
export function encode(batch: readonly Finding[], config: SplunkHecConfig): string {
  return batch.map((finding) => JSON.stringify(envelope(finding, config))).join('\n')
}

function envelope(finding: Finding, config: SplunkHecConfig): object {
  const time = Date.parse(finding['@timestamp'])
  return {
    // Epoch seconds.
    time: Number.isFinite(time) ? time / 1000 : undefined,
    host: config.host ?? finding.host?.name ?? hostname(),
    source: finding.log.file.path,
    sourcetype: config.sourcetype,
    index: config.index,
    event: finding,
    fields: cimFields(finding),
  }
}

const CIM_SEVERITY = { low: 'low', medium: 'medium', high: 'high', critical: 'critical' } as const

/**
 * Indexed fields of Splunk's Common Information Model (Alerts, Intrusion Detection): flat, texts or lists of texts.
 * Unknown values are left out, because HEC refuses null.
 */
export function cimFields(finding: Finding): Record<string, string | readonly string[]> {
  const { oddline, event, rule, threat, source, user, http, url } = finding
  const fields: Record<string, string | readonly string[] | undefined> = {
    id: event.id,
    type: 'alert',
    app: 'oddline',
    vendor_product: 'Oddline',
    severity: CIM_SEVERITY[oddline.severity],
    severity_id: String(event.severity),
    risk_score: String(event.risk_score),
    signature: rule?.name ?? finding.message.slice(0, 200),
    signature_id: rule?.id,
    category: oddline.attack_types,
    ids_type: 'host',
    mitre_technique_id: threat?.technique.id,
    src: source?.address,
    src_ip: source?.ip,
    user: user?.name,
    dest: finding.host?.name,
    action: 'allowed',
    http_method: http?.request.method,
    status: http?.response.status_code?.toString(),
    uri_path: url?.path,
    http_user_agent: finding.user_agent?.original,
    session: oddline.session,
    phase: oddline.phase,
    detector: Object.keys(oddline.votes),
  }
  const known = Object.entries(fields).filter((entry): entry is [string, string | string[]] =>
    Boolean(entry[1]?.length),
  )
  return Object.fromEntries(known)
}
