/**
 * Text from a log, as a person may see it: control characters, direction overrides and other invisible characters are
 * shown as escapes, so that a line can neither recolour a terminal nor read as something that it is not.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  )
}

/** The same, cut to a length with an ellipsis. */
export function visibleCut(text: string, length: number): string {
  const shown = visible(text.slice(0, length + 1))
  return shown.length > length ? `${shown.slice(0, length - 1)}…` : shown
}
