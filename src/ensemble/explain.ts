import type { EventBlock, SecurityBlock } from '../core/columns/block.ts'
import { type Evidence, SAYS_NOTHING } from '../core/documents/finding.ts'
import type { Severity } from '../core/documents/severity.ts'

/** Longest log text in a sentence, characters. */
const MAX_SUBJECT = 120

/** The message of a finding: severity, who did what, then the reasons: of rules first, then of models by strength. */
export function explain(block: EventBlock, index: number, evidence: readonly Evidence[], severity: Severity): string {
  const reasons = [...evidence]
    .sort((a, b) => Number(b.detector === 'rules') - Number(a.detector === 'rules') || b.score - a.score)
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
  const [who, where] = [block.user.at(index), block.sourceIp.at(index)]
  return `${escapeText(kindOf(block, index))}${who && ` of ${escapeText(who)}`}${where && ` from ${escapeText(where)}`}`
}

/** What happened, such as `login failure`; an event of no known type is named after its program. */
function kindOf(block: SecurityBlock, index: number): string {
  const type = block.eventType.at(index) || block.action.at(index)
  if (type !== '' && type !== 'other') return type.replaceAll('_', ' ')
  return `${block.program.at(index)} event`.trim()
}

/** Makes untrusted log text safe to show: escapes control characters and direction overrides, and cuts long text. */
export function escapeText(text: string): string {
  const cut = text.length > MAX_SUBJECT ? `${text.slice(0, MAX_SUBJECT)}…` : text
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}
