import { createHash } from 'node:crypto'

/**
 * A deterministic id: the same parts give the same id in every run, so that receivers can drop what they have already.
 * 128 bits of SHA-256 in hex; parts are length-prefixed, so that ('ab', 'c') and ('a', 'bc') differ.
 */
export function deterministicId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const text = String(part)
    hash.update(`${text.length}:${text}`)
  }
  return hash.digest('hex').slice(0, 32)
}
