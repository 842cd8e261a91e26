import type { Content } from '../bytes/content.ts'
import type { FoundFile } from './scan.ts'

interface Looked {
  readonly found: FoundFile
  readonly content: Content
}

/** How much of a file is known to be a copy. */
export interface Copied {
  readonly length: number
  readonly markerHash: string
}

/**
 * Whether `copy` holds nothing but the beginning, or all, of `original`: what logrotate's copytruncate and gzip leave
 * beside a file until they truncate or delete it. A copy has an older name of the same set and was born later, which
 * keeps apart rotated files that happen to hold the same.
 */
export async function isCopy(copy: Looked, original: Looked): Promise<Copied | 'unsure' | undefined> {
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

/** Whether the head of one is the beginning of the head of the other. */
export function beginsLike({ head }: Content, original: Content): boolean {
  return head.length <= original.head.length && head.equals(original.head.subarray(0, head.length))
}
