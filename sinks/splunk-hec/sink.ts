import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  type DeliveryOutcome,
  type Finding,
  HttpClient,
  reasonOfSystemError,
  type Sink,
  type SinkDefinition,
} from '#sink'
import { acknowledged } from './acknowledge.ts'
import { classify, type HecAnswer } from './classify.ts'
import { SplunkHecConfig } from './config.ts'
import { encode } from './encode.ts'

const compress = promisify(gzip)
/** Pause before the next batch when the collector says that it is near its capacity. */
const SLOW_DOWN_MS = 1_000

export const sink: SinkDefinition<SplunkHecConfig> = {
  type: 'splunk_hec',
  takes: 'findings',
  config: SplunkHecConfig,
  secrets: ['token'],
  limits: { maxBatch: 250 },
  create: (config) => new SplunkHecSink(config),
}

class SplunkHecSink implements Sink {
  readonly #config: SplunkHecConfig
  readonly #http: HttpClient
  readonly #base: string
  /** Names this process to the indexers, which acknowledge by channel. */
  readonly #channel = randomUUID()
  #acknowledge: boolean
  #nearCapacity = false

  constructor(config: SplunkHecConfig) {
    this.#config = config
    this.#http = new HttpClient(config)
    this.#base = `${config.url.replace(/\/+$/, '')}/services/collector`
    this.#acknowledge = config.acknowledge
  }

  async deliver(batch: readonly Finding[], signal: AbortSignal): Promise<DeliveryOutcome> {
    if (this.#nearCapacity) await sleep(SLOW_DOWN_MS, undefined, { signal }).catch(() => undefined)
    const answer = await this.#post(encode(batch, this.#config), signal)
    switch (answer.kind) {
      case 'accepted':
        this.#nearCapacity = answer.slowDown
        return await this.#confirmed(answer.ackId, signal)
      case 'bad_event': {
        const finding = batch[answer.index]
        if (!finding) return { kind: 'rejected', reason: 'invalid_event', detail: answer.detail }
        const rejected = [{ finding, reason: 'invalid_event' as const, detail: answer.detail }]
        return { kind: 'partial', retry: batch.slice(answer.index + 1), rejected }
      }
      case 'retry':
      case 'rejected':
        return answer
      default:
        throw new Error(`unknown answer ${JSON.stringify(answer satisfies never)}`)
    }
  }

  /** A request without data: a valid token is told so (code 5), any other is told off first. */
  async check(signal: AbortSignal): Promise<void> {
    const answer = await this.#post('', signal)
    if (answer.kind === 'rejected' && answer.reason === 'invalid_event') return
    if (answer.kind === 'accepted') return
    throw new Error(
      `Splunk at ${this.#base} does not let us in: ${answer.detail}. See Settings > Data inputs > HEC there`,
    )
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  async #post(body: string, signal: AbortSignal): Promise<HecAnswer> {
    const { gzip: zipped } = this.#config
    try {
      const response = await this.#http.send({
        url: `${this.#base}/event`,
        headers: { ...this.#headers(), ...(zipped ? { 'content-encoding': 'gzip' } : {}) },
        body: zipped ? await compress(body) : body,
        signal,
      })
      return classify(response, Date.now())
    } catch (error) {
      return { kind: 'retry', ...reasonOfSystemError(error) }
    }
  }

  /** 200 means received; where the token can tell, wait for indexed. */
  async #confirmed(ackId: number | undefined, signal: AbortSignal): Promise<DeliveryOutcome> {
    if (!this.#acknowledge || ackId === undefined) return { kind: 'delivered' }
    const ask = () =>
      this.#http.send({
        url: `${this.#base}/ack?channel=${this.#channel}`,
        headers: this.#headers(),
        body: JSON.stringify({ acks: [ackId] }),
        signal,
      })
    const verdict = await acknowledged(ask, ackId, this.#config.ack_timeout_ms, signal)
    if (verdict === 'disabled') this.#acknowledge = false
    if (verdict !== 'late') return { kind: 'delivered' }
    return {
      kind: 'retry',
      reason: 'timeout',
      detail: `received but not acknowledged within ${this.#config.ack_timeout_ms} ms`,
    }
  }

  #headers(): Record<string, string> {
    return {
      authorization: `Splunk ${this.#config.token.reveal()}`,
      'content-type': 'application/json',
      'x-splunk-request-channel': this.#channel,
    }
  }
}
