import { type Client, errors } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from './config.ts'
import { indexTemplate, lifecyclePolicy, nameOf, statePolicy } from './template.ts'

/** Creates the lifecycle policy and the index template. Running it again updates both. */
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
      done.push(`lifecycle policy ${name} exists and is unchanged`)
    } else if (lacksFeature(error)) {
      hasLifecycle = false
      done.push('this server has no lifecycle management: it keeps findings until you delete them')
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

/** A server without the feature answers 400 or 405 with "no handler found" or "incorrect HTTP method". */
function lacksFeature(error: unknown): boolean {
  if (!(error instanceof errors.ResponseError)) return false
  return /no handler found|[Ii]ncorrect HTTP method|invalid_index_name_exception/.test(JSON.stringify(error.body ?? ''))
}
