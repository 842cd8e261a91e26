import type { Content } from '../bytes/content.ts'
import type { FoundFile } from './scan.ts'

interface Candidate {
  readonly found: FoundFile
  readonly content: Content
}

/** How many bytes of a file are a copy of another file. */
export interface Copied {
  readonly length: number
  readonly markerHash: string
}

/**
 * True if all of `copy` is the beginning of `original`, or all of it. Copytruncate and gzip of logrotate leave such a
 * copy until they truncate or delete the original. A copy has an older name in the same set and was created later; this
 * distinguishes it from rotated files with equal content.
 */
export async function isCopy(copy: Candidate, original: Candidate): Promise<Copied | 'unsure' | undefined> {
  if (copy.found.name.base !== original.found.name.base || copy.found.name.age <= original.found.name.age)
    return undefined
  if (copy.found.bornAt < original.found.bornAt) return undefined
  if (!beginsLike(copy.content, original.content)) return undefined
  const measured = await copy.content.measure([], true)
  if (measured?.length === undefined) return 'unsure'
  const { length } = measured
  const markerHash = measured.markers.get(length)
  const other = await original.content.measure([length], false)
  if (other === undefined || markerHash === undefined) return 'unsure'
  return other.markers.get(length) === markerHash ? { length, markerHash } : undefined
}

/** True if the head of the first is a prefix of the head of the second. */
export function beginsLike({ head }: Content, original: Content): boolean {
  return head.length <= original.head.length && head.equals(original.head.subarray(0, head.length))
}
