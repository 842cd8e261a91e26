import { type DeliveryOutcome, type Finding, HttpClient, type Rejection, type Sink, type SinkDefinition } from '#sink'
import { type Answer, classify, classifyError } from './classify.ts'
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

/** Posts findings one by one, in order, and stops at the first that has to come again. */
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
      const answer = await this.#post(finding, signal)
      switch (answer.kind) {
        case 'accepted':
          break
        case 'refused':
          rejected.push({ finding, reason: answer.reason, detail: answer.detail })
          break
        case 'later': {
          const { kind: _, ...why } = answer
          if (index === 0) return { kind: 'retry', ...why }
          return { kind: 'partial', retry: batch.slice(index), rejected, ...why }
        }
        default:
          throw new Error(`unknown answer ${JSON.stringify(answer satisfies never)}`)
      }
    }
    return rejected.length === 0 ? { kind: 'delivered' } : { kind: 'partial', retry: [], rejected }
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  async #post(finding: Finding, signal: AbortSignal): Promise<Answer> {
    const now = Date.now()
    const { headers, body } = encode(finding, this.#config, now)
    try {
      return classify(await this.#http.send({ url: this.#config.url, headers, body, signal }), now)
    } catch (error) {
      return classifyError(error)
    }
  }
}
