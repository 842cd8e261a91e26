import { type Finding, FindingSchema } from '../../../src/core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../../src/core/documents/severity.ts'
import { deterministicId } from '../../../src/core/ids.ts'

export const NOON = Date.UTC(2026, 2, 30, 12)

interface Sketch {
  readonly severity?: Severity
  readonly score?: number
  readonly at?: number
  readonly address?: string
  readonly path?: string
  readonly line?: number
  readonly raw?: string
  readonly attack?: string
  readonly message?: string
  readonly detectors?: readonly Finding['oddline']['evidence'][number]['detector'][]
}

/** A whole finding out of the few things that a test is about. */
export function makeFinding(sketch: Sketch = {}): Finding {
  const {
    severity = 'high',
    at = NOON,
    address = '203.0.113.9',
    path = '/item.php',
    line = 1,
    attack = 'sqli',
  } = sketch
  const score = sketch.score ?? { low: 0.3, medium: 0.55, high: 0.8, critical: 0.95 }[severity]
  const target = `${path}?id=1%27%20OR%20%271%27=%271`
  const raw =
    sketch.raw ?? `${address} - - [30/Mar/2026:12:00:00 +0000] "GET ${target} HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
  const detectors = sketch.detectors ?? ['rules', 'isolation_forest', 'transformer']
  return FindingSchema.parse({
    '@timestamp': new Date(at).toISOString(),
    ecs: { version: '8.17.0' },
    event: {
      id: deterministicId('access.log', line, raw),
      kind: 'alert',
      module: 'oddline',
      category: ['web'],
      outcome: 'success',
      severity: SEVERITIES.indexOf(severity) + 1,
      risk_score: score * 100,
      original: raw,
    },
    message:
      sketch.message ??
      `High: ${address} requested GET ${target} (status 200). A quote and a tautology in a query look like SQL injection.`,
    rule: { id: 'web-sqli-tautology', name: 'SQL injection by tautology' },
    threat: { technique: { id: ['T1190'] } },
    source: { address, ip: address },
    url: { original: target, path },
    http: { request: { method: 'GET' }, response: { status_code: 200 } },
    log: { file: { path: '/var/log/apache2/access.log', line }, offset: line * 120 },
    oddline: {
      severity,
      score,
      attack_types: attack ? [attack] : [],
      session: address,
      phase: 'ensemble',
      votes: Object.fromEntries(detectors.map((name) => [name, score])),
      weights: Object.fromEntries(detectors.map((name) => [name, 1 / detectors.length])),
      evidence: evidence(score, attack).filter((one) => detectors.includes(one.detector)),
      truncated: false,
    },
  } satisfies Finding)
}

function evidence(score: number, attack: string): Finding['oddline']['evidence'] {
  return [
    {
      detector: 'rules',
      score,
      summary: 'A quote and a tautology in a query look like SQL injection.',
      matches: [
        {
          id: 'web-sqli-tautology',
          title: 'SQL injection by tautology',
          level: 'high',
          attack_type: attack,
          techniques: ['T1190'],
          field: 'cs-uri-query',
          matched: "id=1' or '1'='1",
        },
      ],
    },
    {
      detector: 'isolation_forest',
      score: score * 0.9,
      summary: '1 in 12,000 normal requests is as unusual: the query has 61 characters (usually 9).',
      raw_score: 0.71,
      one_in: 12_000,
      features: [
        { name: 'query_length', actual: 61, typical: 9, share: 0.46 },
        { name: 'special_characters', actual: 0.3127, typical: 0.02, share: 0.31 },
        { name: 'user_agent_rarity', actual: 9.2, typical: 2.1, share: 0.12 },
      ],
    },
    {
      detector: 'transformer',
      score: score * 0.8,
      summary: 'After three pages of the shop a request for item.php comes once in 900 sessions.',
      raw_score: 6.8,
      one_in: 900,
      seen: { template: 'GET /item.php 2xx', probability: 0.0011 },
      expected: [
        { template: 'GET /cart 2xx', probability: 0.61 },
        { template: 'GET /shop/<*> 2xx', probability: 0.22 },
      ],
      context: ['GET / 2xx', 'GET /shop/<*> 2xx', 'GET /shop/<*> 2xx'],
    },
  ]
}

/** Log lines of people who wish the reader ill: each must show as harmless text wherever it is shown. */
export const HOSTILE_LINES = [
  '<script>document.body.dataset.owned = "yes"</script>',
  '<img src=x onerror="document.body.dataset.owned=\'yes\'">',
  '[click me](javascript:alert(1)) ![x](http://127.0.0.1:9/pixel)',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007',
  'user\u202egnp.exe',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what attackers write.
  '</script><!-- ${7*7} {{7*7}} %s',
  '"onmouseover="document.body.dataset.owned=\'yes\'" x="',
] as const
