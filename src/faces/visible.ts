import { escapeOf, INVISIBLE } from '../core/text/invisible.ts'

/** Makes log text safe to show. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, escapeOf)
}

/** The same, cut to a length and marked with an ellipsis. */
export function visibleCut(text: string, length: number): string {
  const shown = visible(text.slice(0, length + 1))
  return shown.length > length ? `${shown.slice(0, length - 1)}…` : shown
}
