import type { IncomingWebhookSendArguments } from '@slack/webhook'
import { plain } from './text.ts'

/**
 * The blocks of a message. Text from logs appears in `plain_text` and rich text only: Slack shows both literally, so
 * the text cannot ping or link, and people can copy it unchanged.
 */
export type Block = NonNullable<IncomingWebhookSendArguments['blocks']>[number]

export interface Span {
  readonly type: 'text' | 'link'
  readonly text: string
  readonly url?: string
  readonly style?: { readonly bold?: true }
}

export function span(text: string, style?: Span['style']): Span {
  return { type: 'text', text: text || ' ', ...(style === undefined ? {} : { style }) }
}

/** `url` comes from the configuration, never from a log. */
export function link(url: string, text: string): Span {
  return { type: 'link', url, text }
}

export function header(text: string): Block {
  return { type: 'header', text: { type: 'plain_text', text: plain(text, 150), emoji: true } }
}

export function paragraph(spans: readonly Span[]): Block {
  return rich([{ type: 'rich_text_section', elements: spans }])
}

export function bullets(items: readonly (readonly Span[])[]): Block {
  const elements = items.map((spans) => ({ type: 'rich_text_section', elements: spans }))
  return rich([{ type: 'rich_text_list', style: 'bullet', elements }])
}

export function code(text: string): Block {
  return rich([{ type: 'rich_text_preformatted', elements: [span(text)] }])
}

/** Small print: literal text, or `mrkdwn` without any text from logs. */
export function context(parts: readonly (string | { readonly mrkdwn: string })[]): Block {
  const elements = parts.map((part) =>
    typeof part === 'string'
      ? { type: 'plain_text' as const, text: part || ' ', emoji: false }
      : { type: 'mrkdwn' as const, text: part.mrkdwn, verbatim: true },
  )
  return { type: 'context', elements }
}

function rich(elements: readonly object[]): Block {
  return { type: 'rich_text', elements } as unknown as Block
}
