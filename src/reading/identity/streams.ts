import type { StoredFile } from '../../core/files/stored-file.ts'
import type { Content } from '../bytes/content.ts'
import type { Copied } from './copies.ts'
import { rotatedName } from './rotated-name.ts'
import { type FoundFile, isSameInode } from './scan.ts'

/** Equal content of at least this length identifies a stream; less may be a common banner or an empty line. */
const IDENTIFYING_BYTES = 64

/** Fields of a copy: the part that is copied. It is not checked again until the file changes. */
export function copiedPart(copied: Copied, found: FoundFile): Partial<StoredFile> {
  const { length, markerHash } = copied
  return { position: length, offset: length, size: length, markerHash, signature: found.signed ? found.signature : '' }
}

/** Fields that a copy takes from its original: the format and, with `atPosition`, where reading stopped. */
export function inheritedState(original: StoredFile, atPosition: boolean): Partial<StoredFile> {
  const { sniffed, encoding, position, offset, markerHash, line, skip } = original
  return atPosition
    ? { sniffed, encoding, position, offset, markerHash, line, skip, signature: '' }
    : { sniffed, encoding }
}

/** True if the content is that of the stream; `unsure` if the path now names another file. */
export async function holdsStream(content: Content, row: StoredFile): Promise<boolean | 'unsure'> {
  if (content.headHash(row.headLength) !== row.headHash) return false
  if (row.position === 0) return true
  const measured = await content.measure([row.position], false)
  return measured === undefined ? 'unsure' : measured.markers.get(row.position) === row.markerHash
}

/** True if equal content is enough to identify the stream. Short content also needs a matching inode or name. */
export function identifies(row: StoredFile, found: FoundFile): boolean {
  if (row.copyOf !== undefined && !isSameBase(row, found)) return false
  if (row.position >= IDENTIFYING_BYTES) return true
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
