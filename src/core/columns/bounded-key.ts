import { deterministicId } from '../ids.ts'

/** Longest key that a table holds, in characters. */
export const LONGEST_KEY = 256
const KEPT = 200

/**
 * A key in bounded memory. Tables bound the number of their keys, and this bounds their size: a log line may hold a user
 * name of 200 KB. A longer key is held as its beginning and its digest, so that different keys stay different.
 */
export function boundedKey(key: string): string {
  if (key.length <= LONGEST_KEY) return key
  // A copy, because a slice keeps its whole text in memory.
  const kept = Buffer.from(key.slice(0, KEPT), 'utf16le').toString('utf16le')
  return `${kept}…${deterministicId(key)}`
}
