import { escapeOf, INVISIBLE } from './invisible.ts'

const GROUPED = new Intl.NumberFormat('en')

/** A number of things; with `digits`, rounded to so many significant digits. */
export function countText(value: number, digits?: number): string {
  const whole = Math.round(value)
  return GROUPED.format(digits === undefined ? whole : Number(whole.toPrecision(digits)))
}

/** A share in percent. */
export function percentText(share: number): string {
  const percent = share * 100
  return `${percent >= 1 ? Math.round(percent) : Number(percent.toPrecision(1))} %`
}

/** Log text in quotation marks, at most `longest` characters of it, safe to show. */
export function quoted(text: string, longest = 40): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return `"${cut.replace(INVISIBLE, escapeOf)}"`
}
