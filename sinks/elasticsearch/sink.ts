import type { Client } from '@elastic/elasticsearch'
import type { DeliveryOutcome, Finding, Sink, SinkDefinition } from '#sink'
import { classifyItems, classifyRequestError } from './classify.ts'
import { clientOf } from './client.ts'
import { ElasticsearchConfig } from './config.ts'
import { encode } from './encode.ts'
import { setUp } from './setup.ts'

export const sink: SinkDefinition<ElasticsearchConfig> = {
  type: 'elasticsearch',
  takes: 'findings',
  config: ElasticsearchConfig,
  secrets: ['api_key', 'password'],
  limits: { maxBatch: 500 },
  create: (config) => new ElasticsearchSink(config),
}

const LATE: DeliveryOutcome = { kind: 'retry', reason: 'timeout', detail: 'no answer within the time limit' }

class ElasticsearchSink implements Sink {
  readonly #config: ElasticsearchConfig
  #client: Client | undefined

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  async deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome> {
    try {
      const { statusCode, body } = await this.#bulk(encode(batch), signal)
      return statusCode < 300 ? classifyItems(batch, body) : redirected(statusCode)
    } catch (error) {
      return signal.aborted ? LATE : classifyRequestError(error, Date.now())
    }
  }

  /** Posts an empty bulk request: the cluster checks our credentials before it rejects the empty body. */
  async check(signal: AbortSignal): Promise<void> {
    try {
      await this.#bulk([{}], signal)
    } catch (error) {
      const outcome = classifyRequestError(error, Date.now())
      if (outcome.kind === 'rejected' && outcome.reason === 'invalid_event') return
      throw new Error(`the cluster does not accept findings: ${outcome.detail}`)
    }
  }

  async setup(signal: AbortSignal): Promise<readonly string[]> {
    return await setUp(this.#connected(), this.#config, signal)
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  async #bulk(operations: object[], signal: AbortSignal): Promise<{ statusCode: number; body: unknown }> {
    const path = `/${encodeURIComponent(this.#config.data_stream)}/_bulk`
    const bulkBody = operations as Record<string, unknown>[]
    const request = { method: 'POST', path, bulkBody }
    const { statusCode, body } = await this.#connected().transport.request(request, { signal, meta: true })
    return { statusCode: statusCode ?? 500, body }
  }

  #connected(): Client {
    this.#client ??= clientOf(this.#config)
    return this.#client
  }
}

function redirected(status: number): DeliveryOutcome {
  return {
    kind: 'retry',
    reason: 'misconfigured',
    detail: `HTTP ${status}: the URL redirects; set url to the address of the cluster`,
  }
}
