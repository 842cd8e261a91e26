/**
 * Makes log text safe to show: control characters, direction overrides and other invisible characters become escapes, so
 * that a line cannot recolour a terminal or disguise itself.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}

/** The same, cut to a length and marked with an ellipsis. */
export function visibleCut(text: string, length: number): string {
  const shown = visible(text.slice(0, length + 1))
  return shown.length > length ? `${shown.slice(0, length - 1)}…` : shown
}
