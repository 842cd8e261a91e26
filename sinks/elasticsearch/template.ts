import type { ElasticsearchConfig } from './config.ts'

/** Name of the template and of the policy that `oddline sinks setup` creates, one of each per data stream. */
export function nameOf(config: ElasticsearchConfig): string {
  return `oddline-${config.data_stream}`
}

const keyword = { type: 'keyword', ignore_above: 8192 } as const
const text = { type: 'text' } as const
const float = { type: 'float' } as const

function object(properties: Record<string, unknown>) {
  return { properties }
}

/**
 * ECS fields with ECS types. The cluster stores unknown fields without indexing them and ignores malformed addresses,
 * so neither a new version of Oddline nor a hostile log line can make it reject a finding.
 */
export const MAPPINGS = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    ecs: object({ version: keyword }),
    event: object({
      id: keyword,
      kind: keyword,
      module: keyword,
      category: keyword,
      action: keyword,
      outcome: keyword,
      severity: { type: 'long' },
      risk_score: float,
      original: { type: 'keyword', index: false, doc_values: false },
    }),
    message: text,
    rule: object({ id: keyword, name: keyword }),
    threat: object({ technique: object({ id: keyword }) }),
    source: object({ address: keyword, ip: { type: 'ip', ignore_malformed: true } }),
    user: object({ name: keyword }),
    host: object({ name: keyword }),
    process: object({ name: keyword }),
    url: object({ original: keyword, path: keyword, query: keyword }),
    http: object({
      version: keyword,
      request: object({ method: keyword, referrer: keyword }),
      response: object({ status_code: { type: 'long' }, body: object({ bytes: { type: 'long' } }) }),
    }),
    user_agent: object({ original: keyword }),
    log: object({ file: object({ path: keyword, line: { type: 'long' } }), offset: { type: 'long' } }),
    oddline: object({
      severity: keyword,
      score: float,
      attack_types: keyword,
      session: keyword,
      phase: keyword,
      votes: object({ rules: float, isolation_forest: float, transformer: float }),
      weights: object({ rules: float, isolation_forest: float, transformer: float }),
      evidence: { type: 'object', enabled: false },
      truncated: { type: 'boolean' },
    }),
  },
} as const

/** A composable index template for the data stream. `policy` is the name of its lifecycle policy, if any. */
export function indexTemplate(config: ElasticsearchConfig, policy: string | undefined): object {
  return {
    index_patterns: [config.data_stream],
    data_stream: {},
    // The built-in template of logs-*-* has priority 100.
    priority: 250,
    template: { settings: policy ? { 'index.lifecycle.name': policy } : {}, mappings: MAPPINGS },
    _meta: { description: 'Findings of Oddline' },
  }
}

export function lifecyclePolicy(config: ElasticsearchConfig): object {
  const rollover = { max_primary_shard_size: '25gb', max_age: '30d' }
  return {
    policy: {
      phases: {
        hot: { actions: { rollover } },
        delete: { min_age: config.retention, actions: { delete: {} } },
      },
    },
  }
}

/** The lifecycle policy in the form of OpenSearch (Index State Management). */
export function statePolicy(config: ElasticsearchConfig): object {
  return {
    policy: {
      description: 'Findings of Oddline',
      default_state: 'hot',
      states: [
        {
          name: 'hot',
          actions: [{ rollover: { min_primary_shard_size: '25gb', min_index_age: '30d' } }],
          transitions: [{ state_name: 'delete', conditions: { min_index_age: config.retention } }],
        },
        { name: 'delete', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: [`.ds-${config.data_stream}-*`], priority: 250 }],
    },
  }
}
