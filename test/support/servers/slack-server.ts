import type { Clock } from '../../../src/core/clock.ts'
import type { ReceivedRequest, ReceiverAnswer } from './http-receiver.ts'

interface TextObject {
  type: string
  text: string
  verbatim?: boolean
}
interface SlackBlock {
  type: string
  text?: TextObject
  fields?: TextObject[]
  elements?: unknown[]
}
export interface SlackMessage {
  text?: string
  blocks?: SlackBlock[]
}

/**
 * Slack's incoming webhook as documented: every limit enforced, one message a second. `said` is what the channel shows.
 */
export class StrictSlack {
  readonly path = '/services/T0000SECRET/B0000SECRET/abcdefSECRETtoken'
  readonly said: { readonly at: number; readonly message: SlackMessage }[] = []
  refusedForRate = 0
  readonly #clock: Clock
  #lastAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.path !== this.path) return { status: 404, body: 'no_service' }
    let message: SlackMessage
    try {
      message = JSON.parse(request.body) as SlackMessage
    } catch {
      return { status: 400, body: 'invalid_payload' }
    }
    const problem = problemOf(message)
    if (problem) return { status: 400, body: problem }
    const now = this.#clock.now()
    if (now - this.#lastAt < 1_000) {
      this.refusedForRate++
      return { status: 429, headers: { 'retry-after': '1' }, body: 'rate_limited' }
    }
    this.#lastAt = now
    this.said.push({ at: now, message })
    return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' }
  }
}

const LONE_AMPERSAND = /&(?!amp;|lt;|gt;)/

export function problemOf(message: SlackMessage): string | undefined {
  const { text, blocks } = message
  if (!text && !blocks?.length) return 'no_text'
  if (text !== undefined && (text.length > 40_000 || LONE_AMPERSAND.test(text) || /<[!@#]/.test(text)))
    return 'invalid_text'
  if (!blocks) return undefined
  if (blocks.length > 50) return 'invalid_blocks'
  if (sizeOf(blocks) > 13_200) return 'msg_blocks_too_long'
  return blocks.map(problemOfBlock).find((problem) => problem !== undefined)
}

function problemOfBlock(block: SlackBlock): string | undefined {
  switch (block.type) {
    case 'header':
      return block.text?.type === 'plain_text' ? problemOfText(block.text, 150) : 'invalid_blocks_format'
    case 'section': {
      if (!block.text && !block.fields?.length) return 'invalid_blocks'
      if (block.fields && block.fields.length > 10) return 'invalid_blocks'
      const problems = (block.fields ?? []).map((field) => problemOfText(field, 2_000))
      return [block.text && problemOfText(block.text, 3_000), ...problems].find((problem) => problem !== undefined)
    }
    case 'context': {
      const elements = (block.elements ?? []) as TextObject[]
      if (elements.length === 0 || elements.length > 10) return 'invalid_blocks'
      return elements.map((e) => problemOfText(e, 2_000)).find((problem) => problem !== undefined)
    }
    case 'rich_text': {
      const parts = richTexts(block)
      const whole = parts.length > 0 && parts.every(({ text, url }) => text !== '' && (url === undefined || url !== ''))
      return whole ? undefined : 'invalid_blocks'
    }
    default:
      return 'invalid_blocks'
  }
}

function problemOfText(text: TextObject, limit: number): string | undefined {
  if (typeof text.text !== 'string' || text.text.length === 0 || text.text.length > limit) return 'invalid_blocks'
  if (text.type !== 'mrkdwn') return text.type === 'plain_text' ? undefined : 'invalid_blocks'
  return LONE_AMPERSAND.test(text.text) ? 'invalid_blocks' : undefined
}

function sizeOf(blocks: readonly SlackBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0)
}

interface RichPart {
  readonly type: string
  readonly text?: string
  readonly url?: string
  readonly elements?: readonly RichPart[]
}

/** The leaves of a rich text block. */
function richTexts(block: SlackBlock): RichPart[] {
  const leaves = (part: RichPart): RichPart[] => part.elements?.flatMap(leaves) ?? [part]
  return (block.elements as RichPart[] | undefined)?.flatMap(leaves) ?? []
}

/** The message as a reader sees it, for a terminal. */
export function shown({ text, blocks = [] }: SlackMessage): string {
  return blocks.flatMap(shownBlock).join('\n') || unescaped(text ?? '')
}

function shownBlock(block: SlackBlock): string[] {
  switch (block.type) {
    case 'header':
      return [`# ${block.text?.text}`]
    case 'context':
      return [(block.elements as TextObject[]).map((e) => (e.type === 'mrkdwn' ? unescaped(e.text) : e.text)).join(' ')]
    case 'rich_text':
      return (block.elements as RichPart[]).flatMap(shownPart)
    default:
      return [unescaped(block.text?.text ?? '')]
  }
}

function shownPart({ type, elements = [] }: RichPart): string[] {
  const line = (parts: readonly RichPart[]) =>
    parts.map((part) => (part.url === undefined ? part.text : `<${part.url}|${part.text}>`)).join('')
  if (type === 'rich_text_list')
    return elements.map((item) => `• ${line(item.elements ?? []).replaceAll('\n', '\n  ')}`)
  return [type === 'rich_text_preformatted' ? `    ${line(elements)}` : line(elements)]
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
