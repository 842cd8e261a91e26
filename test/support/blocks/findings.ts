import type { Finding } from '../../../src/core/documents/finding.ts'
import { type Severity, severityOf } from '../../../src/core/documents/severity.ts'
import { deterministicId } from '../../../src/core/ids.ts'

export interface FindingSpec {
  readonly n?: number
  readonly who?: string
  readonly what?: string
  readonly score?: number
  readonly time?: number
  readonly original?: string
  readonly message?: string
  readonly path?: string
}

const BEGIN = Date.UTC(2026, 0, 5, 12)

/** A finding as the ensemble makes them; equal specs give equal findings. */
export function aFinding(spec: FindingSpec = {}): Finding {
  const { n = 0, who = '203.0.113.7', what = 'sqli', score = 0.95, path = '/var/log/nginx/access.log' } = spec
  const target = `/items?id=${n}%27%20OR%201=1--`
  const severity: Severity = severityOf(score)
  return {
    '@timestamp': new Date(spec.time ?? BEGIN + n * 1_000).toISOString(),
    ecs: { version: '8.17.0' },
    event: {
      id: deterministicId('finding', n, who, what),
      kind: 'alert',
      module: 'oddline',
      category: ['web', 'intrusion_detection'],
      action: 'GET',
      outcome: 'success',
      severity: { low: 1, medium: 2, high: 3, critical: 4 }[severity],
      risk_score: Math.round(score * 100),
      original:
        spec.original ?? `${who} - - [05/Jan/2026:12:00:00 +0000] "GET ${target} HTTP/1.1" 200 512 "-" "sqlmap/1.7"`,
    },
    message: spec.message ?? `SQL injection in parameter id of /items from ${who}`,
    rule: { id: 'web-sqli-boolean', name: 'SQL injection: boolean test' },
    threat: { technique: { id: ['T1190'] } },
    source: { address: who, ip: who },
    url: { original: target, path: '/items', query: `id=${n}%27%20OR%201=1--` },
    http: { version: '1.1', request: { method: 'GET' }, response: { status_code: 200, body: { bytes: 512 } } },
    user_agent: { original: 'sqlmap/1.7' },
    log: { file: { path, line: n + 1 }, offset: n * 120 },
    oddline: {
      severity,
      score,
      attack_types: what === '' ? [] : [what],
      session: who,
      phase: 'ensemble',
      votes: { rules: score, isolation_forest: score / 2 },
      weights: { rules: 0.5, isolation_forest: 0.5 },
      evidence: [
        {
          detector: 'rules',
          score,
          summary: 'One rule matched',
          matches: [
            {
              id: 'web-sqli-boolean',
              title: 'SQL injection: boolean test',
              level: 'high',
              attack_type: what,
              techniques: ['T1190'],
              field: 'url.query',
              matched: "' OR 1=1--",
            },
          ],
        },
        {
          detector: 'isolation_forest',
          score: score / 2,
          summary: 'The query is 14 times as long as usual for /items',
          raw_score: 0.71,
          one_in: 4200,
          features: [{ name: 'query_length', actual: 42, typical: 3, share: 0.8 }],
        },
      ],
      truncated: false,
    },
  }
}

export function someFindings(count: number, spec: FindingSpec = {}): Finding[] {
  return Array.from({ length: count }, (_, n) => aFinding({ ...spec, n }))
}
