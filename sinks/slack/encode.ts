import type { IncomingWebhookSendArguments } from '@slack/webhook'
import type { DigestNotice, IncidentNotice, Notice, Severity } from '#sink'
import type { SlackConfig } from './config.ts'
import { escaped, mrkdwn, plain } from './text.ts'

/** Colour blind people read the word, everybody sees the shape at a glance. */
const BADGE: Record<Severity, string> = { critical: '🔴 Critical', high: '🟠 High', medium: '🟡 Medium', low: '🔵 Low' }

type Block = NonNullable<IncomingWebhookSendArguments['blocks']>[number]

/** A notice as a message. Its parts are bounded so that the sum stays below half of what Slack takes. */
export function encode(notice: Notice, config: SlackConfig): IncomingWebhookSendArguments {
  switch (notice.kind) {
    case 'incident':
      return incidentMessage(notice, config)
    case 'digest':
      return digestMessage(notice, config)
    default:
      throw new Error(`unknown notice ${JSON.stringify(notice satisfies never)}`)
  }
}

function incidentMessage(notice: IncidentNotice, config: SlackConfig): IncomingWebhookSendArguments {
  const { incident, findings } = notice
  const title = `${badgeOf(notice)} · ${incident.summary}`
  const [strongest] = findings
  const blocks: Block[] = [header(title)]
  if (strongest) blocks.push(section(plain(strongest.message, 600)))
  blocks.push({ type: 'section', fields: factsOf(notice, config).map(verbatim) })
  if (strongest) {
    const evidence = strongest.oddline.evidence.slice(0, 3).map((e) => `• ${mrkdwn(e.summary, 300)}`)
    if (evidence.length > 0) blocks.push({ type: 'section', text: verbatim(evidence.join('\n')) })
    blocks.push(code(plain(strongest.event.original, 600) || ' '))
  }
  blocks.push(footer(notice, config))
  return message(title, blocks)
}

function digestMessage(notice: DigestNotice, config: SlackConfig): IncomingWebhookSendArguments {
  const worst = notice.top[0]
  const title = `${worst ? BADGE[worst.incident.severity] : ''} · ${notice.incidents} incidents, ${notice.findings} findings`
  const blocks: Block[] = [header(title)]
  for (const one of notice.top) {
    const line = `*${BADGE[one.incident.severity]}* · ${mrkdwn(one.incident.summary, 300)}${tailOf(one)}`
    const sentence = one.findings[0] ? `\n${mrkdwn(one.findings[0].message, 300)}` : ''
    blocks.push({ type: 'section', text: verbatim(`${line}${sentence}${linkOf(one.incident.id, config)}`) })
  }
  const more = notice.incidents - notice.top.length
  const rest = more > 0 ? `and ${more} more incidents. ` : ''
  blocks.push(context(`${rest}\`oddline incidents list\` shows all of them`))
  return message(title, blocks)
}

function message(title: string, blocks: Block[]): IncomingWebhookSendArguments {
  return { text: escaped(title, 1_000), blocks, unfurl_links: false, unfurl_media: false, link_names: false }
}

function badgeOf({ cause, incident }: IncidentNotice): string {
  return cause === 'resolved' ? '✅ Over' : BADGE[incident.severity]
}

function tailOf({ cause, added }: IncidentNotice): string {
  if (cause === 'resolved') return ' — over'
  return cause === 'opened' ? '' : ` — ${added} new`
}

function factsOf({ incident, added, cause, findings }: IncidentNotice, config: SlackConfig): string[] {
  const fresh = cause !== 'opened' && added > 0 ? ` (${added} new)` : ''
  const facts = [
    `*Findings*\n${incident.findings}${fresh}`,
    `*Score*\n${Math.round(incident.score * 100)} of 100`,
    `*First seen*\n${timeOf(incident.firstSeen, config)}`,
    `*Last seen*\n${timeOf(incident.lastSeen, config)}`,
  ]
  const rule = findings[0]?.rule
  if (rule) facts.push(`*Rule*\n${mrkdwn(rule.name, 200)}`)
  const techniques = findings[0]?.threat?.technique.id ?? []
  if (techniques.length > 0) facts.push(`*ATT&amp;CK*\n${mrkdwn(techniques.join(', '), 200)}`)
  return facts
}

function footer({ incident, findings }: IncidentNotice, config: SlackConfig): Block {
  const file = findings[0]?.log.file
  const where = file ? `${mrkdwn(file.path, 300)} line ${file.line} · ` : ''
  return context(`${where}incident ${incident.id.slice(0, 12)}${linkOf(incident.id, config)}`)
}

function linkOf(id: string, { report_url }: SlackConfig): string {
  if (report_url === undefined) return ''
  // The URL is the operator's and the id hexadecimal, but neither may end the link.
  const url = report_url.replaceAll('{incident}', id).replaceAll(/[|<>\s]/g, encodeURIComponent)
  return ` · <${url}|Open the report>`
}

function timeOf(time: number, { timezone }: SlackConfig): string {
  if (!Number.isFinite(time)) return 'unknown'
  const options = { timeZone: timezone, dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as const
  return `${new Intl.DateTimeFormat('en-GB', options).format(time)} ${timezone}`
}

function header(text: string): Block {
  return { type: 'header', text: { type: 'plain_text', text: plain(text, 150), emoji: true } }
}

function section(text: string): Block {
  return { type: 'section', text: { type: 'plain_text', text: text || ' ', emoji: false } }
}

function context(text: string): Block {
  return { type: 'context', elements: [verbatim(text)] }
}

/** Literal text: within it nothing has a meaning, so that no sequence can end it. */
function code(text: string): Block {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  } as Block
}

/** `verbatim` keeps Slack from making links and mentions of what merely looks like them. */
function verbatim(text: string): { type: 'mrkdwn'; text: string; verbatim: true } {
  return { type: 'mrkdwn', text, verbatim: true }
}
