/**
 * Shortest run of NUL bytes that separates records. Power failures and truncated files leave long runs. A shorter one may
 * be part of what a client sent, and stays in its record.
 */
export const HOLE_BYTES = 32

/** A run of NUL bytes that separates records, or that ends the window and may become long enough to. */
export interface Hole {
  readonly start: number
  readonly end: number
}

/** The first hole at or after `from`. */
export function findHole(bytes: Buffer, from: number, length: number): Hole | undefined {
  let start = bytes.indexOf(0, from)
  while (start >= 0 && start < length) {
    const end = endOfHole(bytes, start, length)
    if (end - start >= HOLE_BYTES || end === length) return { start, end }
    start = bytes.indexOf(0, end)
  }
  return undefined
}

export function endOfHole(bytes: Buffer, from: number, length: number): number {
  let end = from
  while (end < length && bytes[end] === 0) end++
  return end
}
