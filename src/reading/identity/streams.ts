import type { StoredFile } from '../../core/stored-file.ts'
import type { Content } from '../bytes/content.ts'
import type { Copied } from './copies.ts'
import { rotatedName } from './rotated-name.ts'
import { type FoundFile, isSameInode } from './scan.ts'

/** Content this long tells two files apart that share nothing else: more than a banner or an empty line. */
const TELLING_BYTES = 64

/** How far a file is known to be a copy; it is not looked at again while it stays as it is. */
export function covered(copied: Copied, found: FoundFile): Partial<StoredFile> {
  const { length, markerHash } = copied
  return { position: length, offset: length, size: length, markerHash, signature: found.signed ? found.signature : '' }
}

/** What a copy knows from its original: the format, and if it goes on there, where reading stopped. */
export function heritage(original: StoredFile, goesOn: boolean): Partial<StoredFile> {
  const { sniffed, encoding, position, offset, markerHash, line, skip } = original
  return goesOn ? { sniffed, encoding, position, offset, markerHash, line, skip, signature: '' } : { sniffed, encoding }
}

/** Whether the content is that of the stream; `unsure` if its path came to lead elsewhere meanwhile. */
export async function holds(content: Content, row: StoredFile): Promise<boolean | 'unsure'> {
  if (content.headHash(row.headLength) !== row.headHash) return false
  if (row.position === 0) return true
  const measured = await content.measure([row.position], false)
  return measured === undefined ? 'unsure' : measured.markers.get(row.position) === row.markerHash
}

/** Whether equal content means the same stream: the shorter it is, the more must speak for it. */
export function isTelling(row: StoredFile, found: FoundFile): boolean {
  if (row.copyOf !== undefined && !isSameBase(row, found)) return false
  if (row.position >= TELLING_BYTES) return true
  if (isSameInode(row.inode, found.inode)) return true
  return row.path !== found.path && isSameBase(row, found)
}

export function isSameBase(row: StoredFile, found: FoundFile): boolean {
  return rotatedName(row.path).base === found.name.base
}

export function longerHead(row: StoredFile, content: Content) {
  const length = content.head.length
  if (length <= row.headLength) return row
  return { headLength: length, headHash: content.headHash(length)! }
}

export function newRow(
  found: FoundFile,
  content: Content,
  now: number,
  copyOf: number | undefined,
): Omit<StoredFile, 'id'> {
  return {
    path: found.path,
    inode: found.inode,
    headLength: content.head.length,
    headHash: content.headHash(content.head.length)!,
    position: 0,
    markerHash: '',
    offset: 0,
    line: 1,
    skip: '',
    size: found.size,
    modifiedAt: Math.trunc(found.modifiedAt),
    signature: '',
    sniffed: undefined,
    encoding: '',
    served: 0,
    copyOf,
    problem: '',
    seenAt: now,
    goneAt: undefined,
  }
}
