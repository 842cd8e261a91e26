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
import { classify, type HecOutcome } from './classify.ts'
import { SplunkHecConfig } from './config.ts'
import { encode } from './encode.ts'

const compress = promisify(gzip)
/** Pause before the next batch when the collector reports that it is near its capacity. */
const NEAR_CAPACITY_PAUSE_MS = 1_000

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
  /** Identifies this process: the indexers acknowledge per channel. */
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
    if (this.#nearCapacity) await sleep(NEAR_CAPACITY_PAUSE_MS, undefined, { signal }).catch(() => undefined)
    const outcome = await this.#post(encode(batch, this.#config), signal)
    switch (outcome.kind) {
      case 'delivered':
        this.#nearCapacity = outcome.nearCapacity
        return await this.#indexed(outcome.ackId, signal)
      case 'rejected': {
        const { index, reason, detail } = outcome
        const finding = index === undefined ? undefined : batch[index]
        if (index === undefined || !finding) return { kind: 'rejected', reason, detail }
        return { kind: 'partial', retry: batch.slice(index + 1), rejected: [{ finding, reason, detail }] }
      }
      case 'retry':
        return outcome
      default:
        throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`)
    }
  }

  /** Posts no data: HEC checks the token first, and answers "No data" (code 5) only if the token is valid. */
  async check(signal: AbortSignal): Promise<void> {
    const outcome = await this.#post('', signal)
    if (outcome.kind === 'delivered' || (outcome.kind === 'rejected' && outcome.reason === 'invalid_event')) return
    throw new Error(
      `Splunk at ${this.#base} refuses access: ${outcome.detail}. Check the token in Splunk under Settings > Data inputs > HTTP Event Collector`,
    )
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  async #post(body: string, signal: AbortSignal): Promise<HecOutcome> {
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

  /** A 200 means that Splunk received the batch. If the token has acknowledgement, wait until it is indexed. */
  async #indexed(ackId: number | undefined, signal: AbortSignal): Promise<DeliveryOutcome> {
    if (!this.#acknowledge || ackId === undefined) return { kind: 'delivered' }
    const ask = () =>
      this.#http.send({
        url: `${this.#base}/ack?channel=${this.#channel}`,
        headers: this.#headers(),
        body: JSON.stringify({ acks: [ackId] }),
        signal,
      })
    const acknowledgement = await acknowledged(ask, ackId, this.#config.ack_timeout_ms, signal)
    if (acknowledgement === 'disabled') this.#acknowledge = false
    if (acknowledgement !== 'late') return { kind: 'delivered' }
    return {
      kind: 'retry',
      reason: 'timeout',
      detail: `Splunk received the batch but did not acknowledge it within ${this.#config.ack_timeout_ms} ms`,
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
