import { IncomingWebhook, type IncomingWebhookSendArguments } from '@slack/webhook'
import {
  HttpClient,
  type HttpResponse,
  type Notice,
  type Notifier,
  reasonOfSystemError,
  type SinkDefinition,
} from '#sink'
import { type Answer, classify } from './classify.ts'
import { SlackConfig } from './config.ts'
import { encode } from './encode.ts'

export const sink: SinkDefinition<SlackConfig> = {
  type: 'slack',
  takes: 'notices',
  config: SlackConfig,
  secrets: ['url'],
  // Slack: "1 per second, short bursts tolerated". A burst of one keeps below whatever short means today, and the tenth
  // of a second is for requests that the network lets arrive closer together than they were sent.
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

  async notify(notice: Notice, signal: AbortSignal): Promise<Answer> {
    return await this.#post(encode(notice, this.#config), signal)
  }

  /** A message without text is refused only after Slack has found the webhook, and shows nothing in the channel. */
  async check(signal: AbortSignal): Promise<void> {
    const answer = await this.#post({}, signal)
    if (answer.kind === 'rejected') return
    const detail = answer.kind === 'delivered' ? 'an empty message was accepted' : answer.detail
    throw new Error(`Slack does not know this webhook or cannot be reached: ${detail}. Make a new one in the Slack app`)
  }

  async close(): Promise<void> {
    this.#http.close()
  }

  /** The client holds the secret URL in a plain property, so it lives for one message only and is never logged. */
  async #post(message: IncomingWebhookSendArguments, signal: AbortSignal): Promise<Answer> {
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
