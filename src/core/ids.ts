import { createHash } from 'node:crypto'

/**
 * A deterministic id: the same parts give the same id in every run, so receivers can drop duplicates. It is 128 bits of
 * SHA-256 in hex. Parts are length-prefixed, so ('ab', 'c') and ('a', 'bc') differ.
 */
export function deterministicId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const text = String(part)
    hash.update(`${text.length}:${text}`)
  }
  return hash.digest('hex').slice(0, 32)
}
