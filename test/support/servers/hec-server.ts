import type { ReceivedRequest, ReceiverAnswer } from './http-receiver.ts'

export interface HecEvent {
  time?: number | string
  host?: string
  source?: string
  sourcetype?: string
  index?: string
  event: unknown
  fields?: Record<string, unknown>
}

/** How the collector is set up. */
export interface HecSettings {
  readonly token: string
  readonly acknowledge?: boolean
  readonly indexes?: readonly string[]
}

/** Splunk's HTTP Event Collector as documented: codes, channel, event by event, acknowledgement by channel. */
export class StrictHec {
  readonly indexed: HecEvent[] = []
  readonly #settings: HecSettings
  readonly #acks = new Map<string, number>()
  /** Whether the indexers have caught up with what was received. */
  indexing = true

  constructor(settings: HecSettings) {
    this.#settings = settings
  }

  readonly answer = (request: ReceivedRequest): ReceiverAnswer => {
    const { authorization } = request.headers
    const path = request.path.split('?')[0]
    if (path === '/services/collector/health') return told(200, 17, 'HEC is healthy')
    if (!authorization) return told(401, 2, 'Token is required')
    if (!/^Splunk \S+$/.test(authorization)) return told(401, 3, 'Invalid authorization')
    if (authorization !== `Splunk ${this.#settings.token}`) return told(403, 4, 'Invalid token')
    if (path === '/services/collector/ack') return this.#acknowledged(request)
    if (path !== '/services/collector/event') return { status: 404, body: 'Not Found' }
    return this.#events(request)
  }

  #events(request: ReceivedRequest): ReceiverAnswer {
    const channel = request.headers['x-splunk-request-channel']
    if (this.#settings.acknowledge && !channel) return told(400, 10, 'Data channel is missing')
    if (channel && !/^[0-9a-f-]{36}$/i.test(String(channel))) return told(400, 11, 'Invalid data channel')
    if (request.body.trim() === '') return told(400, 5, 'No data')
    const texts = concatenated(request.body)
    for (const [index, text] of texts.entries()) {
      const problem = this.#take(text)
      if (problem)
        return told(400, problem.code, problem.text, { 'invalid-event-number': problem.code === 7 ? index + 1 : index })
    }
    if (!this.#settings.acknowledge) return told(200, 0, 'Success')
    const ackId = this.#acks.get(String(channel)) ?? 0
    this.#acks.set(String(channel), ackId + 1)
    return told(200, 0, 'Success', { ackId })
  }

  #take(text: string): { code: number; text: string } | undefined {
    let event: HecEvent
    try {
      event = JSON.parse(text) as HecEvent
    } catch {
      return { code: 6, text: 'Invalid data format' }
    }
    if (!('event' in event)) return { code: 12, text: 'Event field is required' }
    if (event.event === '' || event.event === null) return { code: 13, text: 'Event field cannot be blank' }
    if (event.time !== undefined && !/^\d+(\.\d+)?$/.test(String(event.time)))
      return { code: 6, text: 'Invalid data format' }
    if (event.index && !(this.#settings.indexes ?? ['main', event.index]).includes(event.index)) {
      return { code: 7, text: 'Incorrect index' }
    }
    if (!Object.values(event.fields ?? {}).every(isFlat)) return { code: 15, text: 'Error in handling indexed fields' }
    this.indexed.push(event)
    return undefined
  }

  #acknowledged(request: ReceivedRequest): ReceiverAnswer {
    if (!this.#settings.acknowledge) return told(400, 14, 'ACK is disabled')
    const channel = new URL(request.path, 'http://hec').searchParams.get('channel')
    if (!channel) return told(400, 10, 'Data channel is missing')
    const { acks } = JSON.parse(request.body) as { acks: number[] }
    const known = this.#acks.get(channel) ?? 0
    const body = { acks: Object.fromEntries(acks.map((id) => [id, this.indexing && id < known])) }
    return { status: 200, body: JSON.stringify(body) }
  }
}

function told(status: number, code: number, text: string, more: object = {}): ReceiverAnswer {
  return { status, body: JSON.stringify({ text, code, ...more }) }
}

function isFlat(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((part) => typeof part === 'string'))
}

/** Cuts concatenated JSON objects apart; what follows the last whole one is an event as well, and a bad one. */
function concatenated(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) {
      if (c === '\\') i++
      else if (c === '"') quoted = false
    } else if (c === '"') quoted = true
    else if (c === '{') depth++
    else if (c === '}' && --depth === 0) {
      parts.push(text.slice(start, i + 1))
      start = i + 1
    }
  }
  if (text.slice(start).trim() !== '') parts.push(text.slice(start))
  return parts
}
