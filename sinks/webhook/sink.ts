import {
  type DeliveryOutcome,
  type Finding,
  HttpClient,
  type Rejection,
  type RequestOutcome,
  reasonOfSystemError,
  type Sink,
  type SinkDefinition,
} from '#sink'
import { classify } from './classify.ts'
import { WebhookConfig } from './config.ts'
import { encode } from './encode.ts'

export const sink: SinkDefinition<WebhookConfig> = {
  type: 'webhook',
  takes: 'findings',
  config: WebhookConfig,
  secrets: ['secret', 'authorization'],
  limits: { maxBatch: 50 },
  create: (config) => new WebhookSink(config),
}

/** Posts findings one by one in order, and stops at the first one that it has to retry. */
class WebhookSink implements Sink {
  readonly #config: WebhookConfig
  readonly #http: HttpClient

  constructor(config: WebhookConfig) {
    this.#config = config
    this.#http = new HttpClient(config)
  }

  async deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome> {
    const rejected: Rejection[] = []
    for (const [index, finding] of batch.entries()) {
      const outcome = await this.#post(finding, signal)
      switch (outcome.kind) {
        case 'delivered':
          break
        case 'rejected':
          rejected.push({ finding, reason: outcome.reason, detail: outcome.detail })
          break
        case 'retry':
          return index === 0 ? outcome : { ...outcome, kind: 'partial', retry: batch.slice(index), rejected }
        default:
          throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`)
      }
    }
    return rejected.length === 0 ? { kind: 'delivered' } : { kind: 'partial', retry: [], rejected }
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  async #post(finding: Finding, signal: AbortSignal): Promise<RequestOutcome> {
    const now = Date.now()
    const { headers, body } = encode(finding, this.#config, now)
    try {
      return classify(await this.#http.send({ url: this.#config.url, headers, body, signal }), now)
    } catch (error) {
      return { kind: 'retry', ...reasonOfSystemError(error) }
    }
  }
}
