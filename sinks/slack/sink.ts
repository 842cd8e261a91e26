import { IncomingWebhook, type IncomingWebhookSendArguments } from '@slack/webhook'
import {
  HttpClient,
  type HttpResponse,
  type Notice,
  type Notifier,
  type RequestOutcome,
  reasonOfSystemError,
  type SinkDefinition,
} from '#sink'
import { classify } from './classify.ts'
import { SlackConfig } from './config.ts'
import { encode } from './encode.ts'

export const sink: SinkDefinition<SlackConfig> = {
  type: 'slack',
  takes: 'notices',
  config: SlackConfig,
  secrets: ['url'],
  // Slack allows one message per second and "short bursts". We send no burst, and one message every 1.1 s, because the
  // network can deliver two requests closer together than we sent them.
  limits: { maxBatch: 1, ratePerSecond: 0.9, burst: 1 },
  create: (config) => new SlackSink(config),
}

class SlackSink implements Notifier {
  readonly #config: SlackConfig
  readonly #http: HttpClient

  constructor(config: SlackConfig) {
    this.#config = config
    this.#http = new HttpClient(config)
  }

  async notify(notice: Notice, signal: AbortSignal): Promise<RequestOutcome> {
    return await this.#post(encode(notice, this.#config), signal)
  }

  /** Posts an empty message: a live webhook rejects it, and the channel shows nothing. */
  async check(signal: AbortSignal): Promise<void> {
    const outcome = await this.#post({}, signal)
    if (outcome.kind === 'rejected') return
    const detail = outcome.kind === 'delivered' ? 'it accepted an empty message' : outcome.detail
    throw new Error(
      `The Slack webhook does not work: ${detail}. Check the network, or create a new one in the settings of the Slack app`,
    )
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  /** The Slack client keeps the secret URL in a plain property, so each message gets a client of its own. */
  async #post(message: IncomingWebhookSendArguments, signal: AbortSignal): Promise<RequestOutcome> {
    let response: HttpResponse | undefined
    const webhook = new IncomingWebhook(this.#config.url.reveal(), {
      fetch: async (url, init) => {
        const { headers, body } = init ?? {}
        response = await this.#http.send({ url: String(url), headers, body: body as string, signal })
        return fetchResponse(response)
      },
    })
    try {
      await webhook.send(message)
    } catch (error) {
      if (response === undefined) return { kind: 'retry', ...reasonOfSystemError(originalOf(error)) }
    }
    return classify(response as HttpResponse, Date.now())
  }
}

function originalOf(error: unknown): unknown {
  return (error as { original?: unknown }).original ?? error
}

function fetchResponse({ status, body, headers }: HttpResponse) {
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    url: '',
    headers: { get: (name: string) => headers.get(name) ?? null, entries: () => [] },
    arrayBuffer: async () => new ArrayBuffer(0),
    json: async () => JSON.parse(body) as unknown,
    text: async () => body,
  }
}
