import { hash } from 'node:crypto'

/** Bytes at the beginning of a file that are hashed to identify it. A shorter file is identified by all its bytes. */
export const HEAD_BYTES = 1024
/** Bytes before a position that are hashed to check that the file still holds what was read up to there. */
export const MARKER_BYTES = 1024

/** 128 bits of SHA-256. */
export function fingerprint(bytes: Uint8Array): string {
  return hash('sha256', bytes).slice(0, 32)
}

/** Number of bytes hashed for a position. */
export function markerLength(position: number): number {
  return Math.min(position, MARKER_BYTES)
}
