import type { Finding } from '../../core/documents/finding.ts'
import { escapeOf, INVISIBLE } from '../../core/text/invisible.ts'

const COLUMNS: readonly (readonly [string, (finding: Finding) => string | number | undefined])[] = [
  ['time', (f) => f['@timestamp']],
  ['severity', (f) => f.oddline.severity],
  ['score', (f) => f.oddline.score],
  ['attack_types', (f) => f.oddline.attack_types.join(' ')],
  ['detectors', (f) => f.oddline.evidence.map((one) => one.detector).join(' ')],
  ['session', (f) => f.oddline.session],
  ['user', (f) => f.user?.name],
  ['explanation', (f) => f.message],
  ['file', (f) => f.log.file.path],
  ['line', (f) => f.log.file.line],
  ['offset', (f) => f.log.offset],
  ['id', (f) => f.event.id],
  ['raw', (f) => f.event.original],
]

export const CSV_HEADER = `${COLUMNS.map(([name]) => name).join(',')}\r\n`

export function csvRow(finding: Finding): string {
  return `${COLUMNS.map(([, value]) => csvCell(value(finding))).join(',')}\r\n`
}

/**
 * A cell after RFC 4180. Invisible characters, except for tabs and line feeds, become escapes, because a terminal may
 * show the file. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV
 * injection), and so does such text behind white space, which spreadsheets skip.
 */
export function csvCell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const shown = value.replace(INVISIBLE, (char) => (char === '\t' || char === '\n' ? char : escapeOf(char)))
  const safe = /^\s*[=+\-@\t\n|%]/.test(shown) ? `'${shown}` : shown
  return /["',\r\n\t;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
