import { type Client, errors } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from './config.ts'
import { indexTemplate, lifecyclePolicy, POLICY, statePolicy, TEMPLATE } from './template.ts'

/** Makes the lifecycle policy and the index template; running it again brings both up to date. */
export async function setUp(
  client: Client,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const put = (path: string, body: object) => client.transport.request({ method: 'PUT', path, body }, { signal })
  const done: string[] = []
  const opensearch = config.flavour === 'opensearch'
  const [path, policy] = opensearch
    ? [`/_plugins/_ism/policies/${POLICY}`, statePolicy(config)]
    : [`/_ilm/policy/${POLICY}`, lifecyclePolicy(config)]
  let hasLifecycle = true
  try {
    await put(path, policy)
    done.push(`lifecycle policy ${POLICY}: findings are deleted after ${config.retention}`)
  } catch (error) {
    if (opensearch && statusOf(error) === 409) {
      done.push(`lifecycle policy ${POLICY} is there already and was left as it is`)
    } else if (lacksFeature(error)) {
      hasLifecycle = false
      done.push('this server has no lifecycle management: findings are kept until somebody deletes them')
    } else {
      throw error
    }
  }
  await put(`/_index_template/${TEMPLATE}`, indexTemplate(config, hasLifecycle && !opensearch ? POLICY : undefined))
  done.push(`index template ${TEMPLATE} for the data stream ${config.data_stream}`)
  return done
}

function statusOf(error: unknown): number | undefined {
  return error instanceof errors.ResponseError ? error.statusCode : undefined
}

/** A server without the feature does not know the address: it says 400 or 405 "no handler found" or "incorrect method". */
function lacksFeature(error: unknown): boolean {
  if (!(error instanceof errors.ResponseError)) return false
  return /no handler found|[Ii]ncorrect HTTP method|invalid_index_name_exception/.test(JSON.stringify(error.body ?? ''))
}
