import { type Client, errors } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from './config.ts'
import { indexTemplate, lifecyclePolicy, nameOf, statePolicy } from './template.ts'

/** Makes the lifecycle policy and the index template; running it again brings both up to date. */
export async function setUp(
  client: Client,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const put = (path: string, body: object) => client.transport.request({ method: 'PUT', path, body }, { signal })
  const name = nameOf(config)
  const done: string[] = []
  const opensearch = config.flavour === 'opensearch'
  const [path, policy] = opensearch
    ? [`/_plugins/_ism/policies/${name}`, statePolicy(config)]
    : [`/_ilm/policy/${name}`, lifecyclePolicy(config)]
  let hasLifecycle = true
  try {
    await put(path, policy)
    done.push(`lifecycle policy ${name}: findings are deleted after ${config.retention}`)
  } catch (error) {
    if (opensearch && statusOf(error) === 409) {
      done.push(`lifecycle policy ${name} is there already and was left as it is`)
    } else if (lacksFeature(error)) {
      hasLifecycle = false
      done.push('this server has no lifecycle management: findings are kept until somebody deletes them')
    } else {
      throw error
    }
  }
  await put(`/_index_template/${name}`, indexTemplate(config, hasLifecycle && !opensearch ? name : undefined))
  done.push(`index template ${name} for the data stream ${config.data_stream}`)
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
