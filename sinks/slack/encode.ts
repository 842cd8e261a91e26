import type { IncomingWebhookSendArguments } from '@slack/webhook'
import { type DigestNotice, type Finding, type IncidentNotice, type Notice, SEVERITIES, type Severity } from '#sink'
import { bullets, code, context, header, link, paragraph, type Span, span } from './blocks.ts'
import type { SlackConfig } from './config.ts'
import { escaped, plain } from './text.ts'

const SHAPE: Record<Severity, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵' }
const RESOLVED = '✅ Resolved'

/**
 * Encodes a notice as a message for a phone: what, who and how often in the title; then one sentence and the log line;
 * in small print the time, the place and the link. Each part is bounded, so that the sum stays below half of Slack's limit.
 */
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
  const [strongest] = notice.cause === 'resolved' ? [] : findings
  return message(title, [
    header(title),
    ...(strongest === undefined ? [] : storyOf(strongest)),
    context([plain(factsOf(notice, config).join(' · '), 400), ...linksOf(incident.id, config)]),
    ...(strongest === undefined ? [] : [context([placeOf(strongest, incident.id)])]),
  ])
}

/** The message of a finding, the evidence that the message does not mention, and the log line. */
function storyOf(finding: Finding) {
  const evidence = finding.oddline.evidence
    .slice(0, 3)
    .filter(({ summary }) => !finding.message.includes(summary))
    .map(({ summary }) => [span(plain(summary, 300))])
  return [
    paragraph([span(sentenceOf(finding, 600))]),
    ...(evidence.length > 0 ? [bullets(evidence)] : []),
    code(plain(finding.event.original, 600)),
  ]
}

function digestMessage(notice: DigestNotice, config: SlackConfig): IncomingWebhookSendArguments {
  const { incidents, findings, bySeverity, top } = notice
  const kinds = [...SEVERITIES].reverse().flatMap((severity) => {
    const count = bySeverity[severity] ?? 0
    return count > 0 ? [`${count} ${severity}`] : []
  })
  const resolved = incidents - Object.values(bySeverity).reduce((sum, count) => sum + count, 0)
  if (resolved > 0) kinds.push(`${resolved} resolved`)
  const shape = top[0] === undefined || top[0].cause === 'resolved' ? '✅' : SHAPE[top[0].incident.severity]
  const title = `${shape} ${incidents} incidents (${kinds.join(', ')}), ${findings} new findings`
  const more = incidents - top.length
  const rest = more > 0 ? `and ${more} more. ` : ''
  const first = top[0] === undefined ? '' : `. ${top[0].incident.summary}`
  return message(`${title}${first}`, [
    header(title),
    bullets(top.map((one) => entryOf(one, config))),
    context([`${rest}Run oddline incidents list to see all of them`]),
  ])
}

function entryOf(notice: IncidentNotice, config: SlackConfig): Span[] {
  const { incident, findings, added, cause } = notice
  const fresh = cause === 'grown' || cause === 'repeated' ? ` (${added} new)` : ''
  const title = span(plain(`${badgeOf(notice)} · ${incident.summary}${fresh}`, 300), { bold: true })
  const sentence = findings[0] === undefined || cause === 'resolved' ? [] : [span(`\n${sentenceOf(findings[0], 200)}`)]
  const url = urlOf(incident.id, config)
  return [title, ...sentence, ...(url === undefined ? [] : [span(' '), link(url, 'Open')])]
}

function message(title: string, blocks: IncomingWebhookSendArguments['blocks']): IncomingWebhookSendArguments {
  return { text: escaped(title, 1_000), blocks, unfurl_links: false, unfurl_media: false, link_names: false }
}

/** Shape and word, so that the severity does not depend on colour. */
function badgeOf({ cause, incident: { severity } }: IncidentNotice): string {
  return cause === 'resolved' ? RESOLVED : `${SHAPE[severity]} ${severity.charAt(0).toUpperCase()}${severity.slice(1)}`
}

/** The message of a finding without its leading severity, which the title shows already. */
function sentenceOf({ message, oddline }: Finding, limit: number): string {
  const lead = `${oddline.severity}: `
  return plain(message.toLowerCase().startsWith(lead) ? message.slice(lead.length) : message, limit)
}

function factsOf(notice: IncidentNotice, config: SlackConfig): string[] {
  const { incident, findings } = notice
  return [
    ...changeOf(notice),
    `score ${Math.round(incident.score * 100)} of 100`,
    spanOfTime(incident.firstSeen, incident.lastSeen, config),
    ...(findings[0]?.threat?.technique.id ?? []),
  ]
}

function changeOf({ cause, added }: IncidentNotice): string[] {
  switch (cause) {
    case 'opened':
      return []
    case 'grown':
      return [`worse: ${added} new`]
    case 'repeated':
      return [`still active: ${added} new`]
    case 'resolved':
      return added > 0 ? [`${added} new before it ended`] : []
    default:
      return cause satisfies never
  }
}

function placeOf({ log }: Finding, incident: string): string {
  return plain(`${log.file.path} line ${log.file.line} · incident ${incident.slice(0, 12)}`, 400)
}

function linksOf(id: string, config: SlackConfig): { readonly mrkdwn: string }[] {
  const url = urlOf(id, config)
  return url === undefined ? [] : [{ mrkdwn: `<${url}|Open the report>` }]
}

/** Characters that end a Slack link are escaped. */
function urlOf(id: string, { report_url }: SlackConfig): string | undefined {
  return report_url?.replaceAll('{incident}', id).replaceAll(/[|<>\s]/g, encodeURIComponent)
}

function spanOfTime(from: number, to: number, { timezone }: SlackConfig): string {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return 'at an unknown time'
  const options = { timeZone: timezone, dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as const
  const format = new Intl.DateTimeFormat('en-GB', options)
  return `${to > from ? format.formatRange(from, to) : format.format(from)} ${timezone}`
}
