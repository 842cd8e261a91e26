import type { ReadProblem } from '../../core/documents/batch.ts'
import { messageOf } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import { Content } from '../bytes/content.ts'
import type { KnownFiles } from '../known-files.ts'
import { beginsLike, type Copied, isCopy } from './copies.ts'
import { Originals } from './originals.ts'
import type { FoundFile } from './scan.ts'
import { copiedPart, holdsStream, identifies, inheritedState, isSameBase, longerHead, newRow } from './streams.ts'

/** A found file and the stream that it holds. */
export interface Match {
  readonly found: FoundFile
  readonly id: number
  /**
   * `read`: may have more. `idle`: unchanged since read. `copy`: its original is read. `wait`: cannot be checked now.
   */
  readonly state: 'read' | 'idle' | 'copy' | 'wait'
  readonly content?: Content
}

/** The original of a copy, and the number of bytes copied. */
type Original = Copied & { readonly id: number }

/** Streams whose file is no longer found, by length and hash of their head. */
type Orphans = Map<number, Map<string, StoredFile[]>>

/**
 * Assigns each found file to a stored stream. An inode counts only if the content before the stored position is
 * unchanged. Otherwise the file is a copy of an existing one, or holds a stream that was moved or compressed, or is
 * new. Copies are recognized first, so that a copy is never mistaken for a stream with an equal beginning.
 */
export class Identification {
  readonly problems: ReadProblem[] = []
  readonly #known: KnownFiles
  readonly #now: number
  readonly #matches = new Map<FoundFile, Match>()
  readonly #claimed = new Map<number, Match>()
  readonly #originals = new Originals()
  readonly #contents = new Map<FoundFile, Content>()
  /** Files that cannot be identified now; the next discovery tries again. */
  readonly #deferred = new Set<FoundFile>()

  constructor(known: KnownFiles, now: number) {
    this.#known = known
    this.#now = now
  }

  /** Identifies the files. In the sets in `rotating`, only files with a known inode are identified. */
  async run(files: readonly FoundFile[], rotating: ReadonlySet<string>): Promise<Match[]> {
    const byInode = new Map<string, StoredFile>()
    for (const row of this.#known.all()) if (row.inode !== '') byInode.set(row.inode, row)
    for (const found of files) {
      const row = byInode.get(found.inode)
      if (row !== undefined) await this.#guarded(found, () => this.#matchInode(found, row))
    }
    const open = files.filter((found) => !this.#matches.has(found) && !rotating.has(found.name.base))
    await this.#eachCopy((match) => this.#inherit(match))
    const isOpen = (found: FoundFile) => !this.#matches.has(found) && !this.#deferred.has(found)
    const orphans = open.length > 0 ? this.#orphansByHead() : new Map()
    for (const found of open) {
      await this.#guarded(found, () => this.#matchCopy(found))
      if (orphans.size > 0 && isOpen(found)) await this.#guarded(found, () => this.#matchOrphan(found, orphans))
    }
    await this.#eachCopy((match) => this.#inherit(match))
    await this.#eachCopy((match) => this.#reviewCopy(match))
    for (const found of open.filter(isOpen)) {
      await this.#guarded(found, () => this.#matchCopy(found))
      if (isOpen(found)) await this.#guarded(found, () => this.#matchNew(found))
    }
    this.#markMissing()
    return files.flatMap((found) => this.#matches.get(found) ?? [])
  }

  async #eachCopy(step: (match: Match) => Promise<void>): Promise<void> {
    for (const match of [...this.#matches.values()]) {
      if (match.state === 'copy') await this.#guarded(match.found, () => step(match))
    }
  }

  async #matchInode(found: FoundFile, row: StoredFile): Promise<void> {
    if (row.signature !== '' && row.signature === found.signature) {
      this.#match(found, row, row.copyOf === undefined ? 'idle' : 'copy')
      return
    }
    const content = await this.#look(found)
    const same = content === undefined ? 'unsure' : await holdsStream(content, row)
    if (same === 'unsure') this.#match(found, row, 'wait')
    else if (same) this.#match(found, row, row.copyOf === undefined ? 'read' : 'copy', content)
    else this.#known.update(row.id, { inode: '' })
  }

  /** A copy whose original is gone takes over its stream if it contains everything that was read. */
  async #inherit(match: Match): Promise<void> {
    const { copyOf } = this.#known.get(match.id)!
    if (copyOf === undefined || this.#claimed.has(copyOf)) return
    const original = this.#known.get(copyOf)
    const content = match.content ?? (await this.#look(match.found))
    if (content === undefined || original === undefined || (await holdsStream(content, original)) !== true) return
    this.#known.update(match.id, { inode: '', goneAt: this.#now })
    this.#claimed.delete(match.id)
    this.#match(match.found, original, 'read', content)
  }

  #orphansByHead(): Orphans {
    const byHead = new Map<number, Map<string, StoredFile[]>>()
    for (const row of this.#known.all()) {
      if (row.position === 0 || !this.#isFree(row) || (row.copyOf !== undefined && row.inode === '')) continue
      const byHash = byHead.get(row.headLength) ?? new Map<string, StoredFile[]>()
      byHead.set(row.headLength, byHash)
      byHash.set(row.headHash, [...(byHash.get(row.headHash) ?? []), row])
    }
    return byHead
  }

  async #matchOrphan(found: FoundFile, orphans: Orphans): Promise<void> {
    const content = await this.#look(found)
    if (content === undefined) return
    const likely: StoredFile[] = []
    for (const [length, byHash] of orphans) {
      const rows = byHash.get(content.headHash(length) ?? '') ?? []
      likely.push(...rows.filter((row) => this.#isFree(row) && identifies(row, found)))
    }
    if (likely.length === 0) return
    likely.sort((a, b) => b.position - a.position || Number(isSameBase(b, found)) - Number(isSameBase(a, found)))
    const positions = likely.map((row) => row.position)
    const measured = await content.measure(positions, false)
    const row = likely.find((candidate) => measured?.markers.get(candidate.position) === candidate.markerHash)
    if (measured !== undefined && row === undefined) return
    if (row === undefined || this.#claimed.has(row.id)) this.#deferred.add(found)
    else this.#match(found, row, row.copyOf === undefined ? 'read' : 'copy', content)
  }

  /** True if no file is known to hold the stream; an inode alone is no proof, because it may be reused. */
  #isFree(row: StoredFile): boolean {
    const claim = this.#claimed.get(row.id)
    return claim === undefined || claim.state === 'wait'
  }

  /** Recognizes a copy. Defers the file if that cannot be decided now. */
  async #matchCopy(found: FoundFile): Promise<void> {
    const content = await this.#look(found)
    if (content === undefined || content.head.length === 0) return
    const original = await this.#originalOf(found, content)
    if (original === undefined) return
    if (original === 'unsure') {
      this.#deferred.add(found)
      return
    }
    const row = this.#known.create(newRow(found, content, this.#now, original.id))
    this.#match(found, this.#known.update(row.id, copiedPart(original, found)), 'copy', content)
  }

  async #matchNew(found: FoundFile): Promise<void> {
    const content = await this.#look(found)
    if (content === undefined || content.head.length === 0) return
    const row = this.#known.create(newRow(found, content, this.#now, undefined))
    this.#match(found, row, 'read', content)
  }

  async #originalOf(found: FoundFile, content: Content): Promise<Original | 'unsure' | undefined> {
    for (const candidate of this.#originals.candidatesFor(found, content.head)) {
      const match = this.#matches.get(candidate)!
      const original = match.content ?? (await this.#lookIfReadable(match.found))
      if (original === 'unreadable') continue
      if (original === undefined) return 'unsure'
      const copied = await isCopy({ found, content }, { found: match.found, content: original })
      if (copied === 'unsure') return copied
      if (copied === undefined && (await this.#wasTruncated(match, original, content))) return 'unsure'
      if (copied !== undefined) return { id: this.#known.get(match.id)!.copyOf ?? match.id, ...copied }
    }
    return undefined
  }

  /** True if `original`, which begins like `copy`, was truncated since it was checked, as happens after copying. */
  async #wasTruncated(original: Match, content: Content, copy: Content): Promise<boolean> {
    if (!beginsLike(copy, content)) return false
    return (await holdsStream(content, this.#known.get(original.id)!)) !== true
  }

  /** Checks that a copy is still one: its original must contain all of it. */
  async #reviewCopy(match: Match): Promise<void> {
    const { copyOf = 0, position } = this.#known.get(match.id)!
    const original = this.#claimed.get(copyOf)
    if (original !== undefined && match.content === undefined) return
    const content = match.content ?? (await this.#look(match.found))
    if (content === undefined) return
    if (original === undefined) {
      const measured = await content.measure([], true)
      const unread = (this.#known.get(copyOf)?.position ?? position) < position
      if (measured?.length !== undefined && (unread || measured.length !== position))
        await this.#release(match, content)
      return
    }
    const other = original.content ?? (await this.#look(original.found))
    if (other === undefined) return
    const copied = await isCopy({ found: match.found, content }, { found: original.found, content: other })
    if (copied === undefined && (await this.#wasTruncated(original, other, content))) return
    if (copied === undefined) await this.#release(match, content)
    else if (copied !== 'unsure') this.#known.update(match.id, copiedPart(copied, match.found))
  }

  /** A short copy may have the wrong original. A file that turns out not to be a copy is read on its own. */
  async #release(match: Match, content: Content): Promise<void> {
    const { found, id } = match
    await this.#matchOrphan(found, this.#orphansByHead())
    if (this.#deferred.has(found)) return
    if (this.#matches.get(found) !== match) {
      this.#claimed.delete(id)
      this.#known.update(id, { inode: '' })
      return
    }
    const original = await this.#originalOf(found, content)
    const row = this.#known.get(id)!
    if (original === 'unsure') {
      this.#match(found, row, 'copy', content)
    } else if (original !== undefined) {
      this.#match(
        found,
        this.#known.update(id, { copyOf: original.id, ...copiedPart(original, found) }),
        'copy',
        content,
      )
    } else {
      const before = this.#known.get(row.copyOf ?? 0)
      const atPosition = before !== undefined && (await this.#partsAtPositionOf(before, row, content))
      const changes = { copyOf: undefined, ...(before === undefined ? {} : inheritedState(before, atPosition)) }
      this.#match(found, this.#known.update(id, changes), 'read', content)
    }
  }

  /** True if a released copy continues where reading of its original stopped, not at the end of the copied part. */
  async #partsAtPositionOf(original: StoredFile, copy: StoredFile, content: Content): Promise<boolean> {
    if (original.position < copy.position) return !(await this.#isStillIn(original.id, copy))
    const measured = await content.measure([original.position], false)
    return measured?.markers.get(original.position) === original.markerHash
  }

  /** True if the copied part is still in the original file. */
  async #isStillIn(original: number, copy: StoredFile): Promise<boolean> {
    const match = this.#claimed.get(original)
    const content = match === undefined ? undefined : (match.content ?? (await this.#look(match.found)))
    const measured = await content?.measure([copy.position], false)
    return measured?.markers.get(copy.position) === copy.markerHash
  }

  #markMissing(): void {
    for (const row of this.#known.all()) {
      if (!this.#claimed.has(row.id) && row.goneAt === undefined) this.#known.update(row.id, { goneAt: this.#now })
    }
  }

  #match(found: FoundFile, row: StoredFile, state: Match['state'], content?: Content): void {
    if (state !== 'wait') {
      const { headLength, headHash } = content === undefined ? row : longerHead(row, content)
      const { path, inode } = found
      const modifiedAt = Math.trunc(found.modifiedAt)
      this.#known.update(row.id, { path, inode, headLength, headHash, modifiedAt, goneAt: undefined })
    }
    const match: Match = { found, id: row.id, state, content }
    if (!this.#matches.has(found)) this.#originals.add(found, content?.head)
    this.#matches.set(found, match)
    this.#claimed.set(row.id, match)
  }

  /** Reads the head of a file once. Undefined if its path now names another file. */
  async #look(found: FoundFile): Promise<Content | undefined> {
    const seen = this.#contents.get(found)
    if (seen !== undefined) return seen
    const content = await Content.of(found)
    if (content !== undefined) this.#contents.set(found, content)
    return content
  }

  /** Like `#look`; an unreadable file is skipped. */
  async #lookIfReadable(found: FoundFile): Promise<Content | 'unreadable' | undefined> {
    try {
      return await this.#look(found)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      return 'unreadable'
    }
  }

  /** Runs a step for a file. An unreadable file is recorded, and keeps the stream of its inode. */
  async #guarded(found: FoundFile, step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      this.problems.push({ path: found.path, kind: 'unreadable', detail: messageOf(error) })
      this.#deferred.add(found)
      const row = this.#known.all().find((candidate) => candidate.inode === found.inode)
      if (row !== undefined && !this.#matches.has(found)) this.#match(found, row, 'wait')
    }
  }
}
