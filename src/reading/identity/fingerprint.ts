import { hash } from 'node:crypto'

/** How much of a file's beginning is hashed to know it by. Shorter files are known by all they have. */
export const HEAD_BYTES = 1024
/** How much before a position is hashed to know that the file is still the one that was read up to there. */
export const MARKER_BYTES = 1024

/** 128 bits of SHA-256. */
export function fingerprint(bytes: Uint8Array): string {
  return hash('sha256', bytes).slice(0, 32)
}

/** Length of the marker of a position. */
export function markerLength(position: number): number {
  return Math.min(position, MARKER_BYTES)
}
