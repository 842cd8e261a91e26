import type { EventBlock } from '../core/columns/block.ts'
import { type Evidence, SAYS_NOTHING } from '../core/documents/finding.ts'
import type { Severity } from '../core/documents/severity.ts'

/** Longest log text in a sentence, characters. */
const MAX_SUBJECT = 120

/** The message of a finding: severity, who did what, then the reason of each detector, strongest first. */
export function explain(block: EventBlock, index: number, evidence: readonly Evidence[], severity: Severity): string {
  const reasons = [...evidence]
    .sort((a, b) => b.score - a.score)
    .filter(({ detector, score }, i) => i === 0 || detector === 'rules' || score >= SAYS_NOTHING)
    .map((one) => one.summary.replace(/\.?$/, '.'))
  return `${titled(severity)}: ${subject(block, index)}. ${reasons.join(' ')}`
}

function titled(severity: Severity): string {
  return severity[0].toUpperCase() + severity.slice(1)
}

function subject(block: EventBlock, index: number): string {
  if (block.kind === 'http') {
    const request = `${block.method.at(index)} ${block.target.at(index)}`.trim()
    const status = block.status[index] > 0 ? ` (status ${block.status[index]})` : ''
    return `${block.client.at(index)} requested ${escapeText(request)}${status}`
  }
  const who = block.user.at(index) || 'somebody'
  const where = block.sourceIp.at(index)
  const what = (block.eventType.at(index) || block.action.at(index) || 'event').replaceAll('_', ' ')
  return `${escapeText(what)} of ${escapeText(who)}${where ? ` from ${escapeText(where)}` : ''}`
}

/** Makes untrusted log text safe to show: escapes control characters and direction overrides, and cuts long text. */
export function escapeText(text: string): string {
  const cut = text.length > MAX_SUBJECT ? `${text.slice(0, MAX_SUBJECT)}…` : text
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}
