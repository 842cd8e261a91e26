import type { Finding } from '../../core/documents/finding.ts'
import type { Incident } from '../../core/documents/incident.ts'
import type { IncidentNotice } from '../../core/documents/notice.ts'
import { deterministicId } from '../../core/ids.ts'

/** A finding that is marked as a test. `n` distinguishes several. 192.0.2.0/24 is reserved for documentation (RFC 5737). */
export function testFinding(now: number, n = 0): Finding {
  const time = new Date(now).toISOString()
  return {
    '@timestamp': time,
    ecs: { version: '8.17.0' },
    event: {
      id: deterministicId('test', now, n),
      kind: 'alert',
      module: 'oddline',
      category: ['web'],
      action: 'oddline-test',
      outcome: 'unknown',
      severity: 3,
      risk_score: 75,
      original: `192.0.2.1 - - [${time}] "GET /oddline-test?n=${n} HTTP/1.1" 200 0 "-" "oddline"`,
    },
    message: 'This is a test of Oddline: if you can read it, findings arrive here. There is no attack.',
    rule: { id: 'oddline-test', name: 'Test of delivery' },
    source: { address: '192.0.2.1', ip: '192.0.2.1' },
    url: { original: `/oddline-test?n=${n}`, path: '/oddline-test', query: `n=${n}` },
    http: { request: { method: 'GET' }, response: { status_code: 200 } },
    log: { file: { path: 'oddline-test', line: n + 1 }, offset: 0 },
    oddline: {
      severity: 'high',
      score: 0.75,
      attack_types: ['test'],
      session: '192.0.2.1',
      phase: 'ensemble',
      votes: { rules: 0.75 },
      weights: { rules: 1 },
      evidence: [{ detector: 'rules', score: 0.75, summary: 'An operator requested a test finding', matches: [] }],
      truncated: false,
    },
  }
}

/** A notice of an incident that is marked as a test. */
export function testNotice(now: number): IncidentNotice {
  const finding = testFinding(now)
  const incident: Incident = {
    id: deterministicId('test-incident', now),
    status: 'open',
    severity: 'high',
    who: '192.0.2.1',
    what: 'test',
    firstSeen: now,
    lastSeen: now,
    findings: 1,
    strongest: finding.event.id,
    score: finding.oddline.score,
    summary: 'Test of Oddline: there is no attack',
  }
  return { kind: 'incident', id: incident.id, cause: 'opened', incident, added: 1, findings: [finding] }
}
