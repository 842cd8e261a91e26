import type { Client } from '@elastic/elasticsearch'
import type { DeliveryOutcome, Finding, Sink, SinkDefinition } from '#sink'
import { classifyError, classifyItems } from './classify.ts'
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

class ElasticsearchSink implements Sink {
  readonly #config: ElasticsearchConfig
  #client: Client | undefined

  constructor(config: ElasticsearchConfig) {
    this.#config = config
  }

  async deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome> {
    try {
      return classifyItems(batch, await this.#bulk(encode(batch), signal))
    } catch (error) {
      return classifyError(error, Date.now())
    }
  }

  /** An empty bulk request: it is refused as empty only after the server has let us in. */
  async check(signal: AbortSignal): Promise<void> {
    try {
      await this.#bulk([{}], signal)
    } catch (error) {
      const outcome = classifyError(error, Date.now())
      if (outcome.kind === 'rejected' && outcome.reason === 'invalid_event') return
      const detail = outcome.kind === 'retry' || outcome.kind === 'rejected' ? outcome.detail : ''
      throw new Error(`the cluster does not take our findings: ${detail}`)
    }
  }

  async setup(signal: AbortSignal): Promise<readonly string[]> {
    return await setUp(this.#connected(), this.#config, signal)
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  async #bulk(operations: object[], signal: AbortSignal): Promise<unknown> {
    const path = `/${encodeURIComponent(this.#config.data_stream)}/_bulk`
    return await this.#connected().transport.request(
      { method: 'POST', path, bulkBody: operations as Record<string, unknown>[] },
      { signal },
    )
  }

  #connected(): Client {
    this.#client ??= clientOf(this.#config)
    return this.#client
  }
}
