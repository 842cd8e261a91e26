/**
 * Control characters, direction overrides and other invisible characters. With them a line can recolour a terminal or
 * disguise itself.
 */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** How such a character is shown, such as `\u001b`. */
export function escapeOf(char: string): string {
  return `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`
}
