import type { ElasticsearchConfig } from './config.ts'

/** The name of what `oddline sinks setup` makes on the cluster: one template and one policy for each data stream. */
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
 * ECS names with ECS types. Unknown fields are stored and not indexed, and a value that does not fit its type is
 * ignored rather than refused, so that a new version of this program or an odd log line never blocks a finding.
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

/** A composable index template for the data stream; `policy` names its lifecycle where the cluster has that. */
export function indexTemplate(config: ElasticsearchConfig, policy: string | undefined): object {
  return {
    index_patterns: [config.data_stream],
    data_stream: {},
    // Above the built-in template of logs-*-*, which has 100.
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

/** OpenSearch's Index State Management in place of ILM. */
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
