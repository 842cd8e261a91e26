/** Stands at the beginning or end of a literal that must stand there at the edge of a word. */
export const BOUNDARY = '\u0001'

export function bareText(literal: string): string {
  return literal.replaceAll(BOUNDARY, '')
}

/**
 * How rarely a literal occurs in the text of ordinary requests, in bits, by a coarse model of their bytes: letters and
 * digits are common, separators of URLs too, quotes and brackets rare. Only ratios matter: a prefilter chooses, of the
 * literals that a rule cannot do without, the sets that ordinary traffic meets least.
 */
export function weightOf(literal: string): number {
  let bits = 0
  for (let i = 0; i < literal.length; i++) bits += bitsOf(literal.charCodeAt(i))
  return bits
}

/** Weight of "one of these": the more alternatives, the more often one is met. */
export function weightOfAny(literals: readonly string[]): number {
  let probability = 0
  for (const literal of literals) probability += 2 ** -weightOf(literal)
  return literals.length === 0 ? 0 : -Math.log2(probability)
}

function bitsOf(code: number): number {
  if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) return 4.2
  if (code === 1) return 3
  if (code === 0x2f || code === 0x2e || code === 0x2d || code === 0x5f || code === 0x3d || code === 0x26) return 2
  if (code === 0x20 || code === 0x3a || code === 0x3f || code === 0x25 || code === 0x2b || code === 0x2c) return 4
  return 10
}
