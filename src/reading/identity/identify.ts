import { messageOf } from '../../core/errors.ts'
import type { StoredFile } from '../../core/stored-file.ts'
import { Content } from '../bytes/content.ts'
import type { Rows } from '../rows.ts'
import { beginsLike, type Copied, isCopy } from './copies.ts'
import type { ReadProblem } from './discovery.ts'
import { Originals } from './originals.ts'
import type { FoundFile } from './scan.ts'
import { covered, heritage, holds, isSameBase, isTelling, longerHead, newRow } from './streams.ts'

/** A file that was found, and the stream that it holds. */
export interface Match {
  readonly found: FoundFile
  readonly id: number
  /** `read`: there may be more. `idle`: untouched since all was read. `copy`: its original is read. `wait`: it cannot be looked at now. */
  readonly state: 'read' | 'idle' | 'copy' | 'wait'
  readonly content?: Content
}

/** What a file is a copy of, and how much of it is known to be. */
type Original = Copied & { readonly id: number }

/** Streams whose file is not where it was, by length and hash of their head. */
type Orphans = Map<number, Map<string, StoredFile[]>>

/**
 * Tells which stored stream each file holds. An inode is believed only if the content before the stored position is
 * still there. Any other file is a copy of one that is still there, as while logrotate copies or gzip compresses; or it
 * holds a stream whose inode is gone or holds something else, renamed across file systems, copied before being truncated,
 * or compressed; or it is new. A copy is told from its original before it can be taken for what it only begins like.
 */
export class Identification {
  readonly problems: ReadProblem[] = []
  readonly #rows: Rows
  readonly #now: number
  readonly #matches = new Map<FoundFile, Match>()
  readonly #claimed = new Map<number, Match>()
  readonly #originals = new Originals()
  readonly #contents = new Map<FoundFile, Content>()
  /** Files of which it cannot be told now what they are: they are left to the next look. */
  readonly #deferred = new Set<FoundFile>()

  constructor(rows: Rows, now: number) {
    this.#rows = rows
    this.#now = now
  }

  /** Of the sets named `restless`, which are being rotated at this moment, only files that are known are told. */
  async run(files: readonly FoundFile[], restless: ReadonlySet<string>): Promise<Match[]> {
    const byInode = new Map<string, StoredFile>()
    for (const row of this.#rows.all()) if (row.inode !== '') byInode.set(row.inode, row)
    for (const found of files) {
      const row = byInode.get(found.inode)
      if (row !== undefined) await this.#guarded(found, () => this.#matchInode(found, row))
    }
    const open = files.filter((found) => !this.#matches.has(found) && !restless.has(found.name.base))
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
    this.#missGone()
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
    const same = content === undefined ? 'unsure' : await holds(content, row)
    if (same === 'unsure') this.#match(found, row, 'wait')
    else if (same) this.#match(found, row, row.copyOf === undefined ? 'read' : 'copy', content)
    else this.#rows.update(row.id, { inode: '' })
  }

  /** A copy whose original is no longer there takes its place, if it holds all that was read of it. */
  async #inherit(match: Match): Promise<void> {
    const { copyOf } = this.#rows.get(match.id)!
    if (copyOf === undefined || this.#claimed.has(copyOf)) return
    const original = this.#rows.get(copyOf)
    const content = match.content ?? (await this.#look(match.found))
    if (content === undefined || original === undefined || (await holds(content, original)) !== true) return
    this.#rows.update(match.id, { inode: '', goneAt: this.#now })
    this.#claimed.delete(match.id)
    this.#match(match.found, original, 'read', content)
  }

  #orphansByHead(): Orphans {
    const byHead = new Map<number, Map<string, StoredFile[]>>()
    for (const row of this.#rows.all()) {
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
      likely.push(...rows.filter((row) => this.#isFree(row) && isTelling(row, found)))
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

  /** Whether no file is known to hold the stream: an inode alone, which may be another file's by now, does not prove it. */
  #isFree(row: StoredFile): boolean {
    const claim = this.#claimed.get(row.id)
    return claim === undefined || claim.state === 'wait'
  }

  /** Defers a file of which it cannot be told now whether it is a copy. */
  async #matchCopy(found: FoundFile): Promise<void> {
    const content = await this.#look(found)
    if (content === undefined || content.head.length === 0) return
    const original = await this.#originalOf(found, content)
    if (original === undefined) return
    if (original === 'unsure') {
      this.#deferred.add(found)
      return
    }
    const row = this.#rows.create(newRow(found, content, this.#now, original.id))
    this.#match(found, this.#rows.update(row.id, covered(original, found)), 'copy', content)
  }

  async #matchNew(found: FoundFile): Promise<void> {
    const content = await this.#look(found)
    if (content === undefined || content.head.length === 0) return
    const row = this.#rows.create(newRow(found, content, this.#now, undefined))
    this.#match(found, row, 'read', content)
  }

  async #originalOf(found: FoundFile, content: Content): Promise<Original | 'unsure' | undefined> {
    for (const candidate of this.#originals.likelyOf(found, content.head)) {
      const match = this.#matches.get(candidate)!
      const original = match.content ?? (await this.#lookOrSkip(match.found))
      if (original === 'unreadable') continue
      if (original === undefined) return 'unsure'
      const copied = await isCopy({ found, content }, { found: match.found, content: original })
      if (copied === 'unsure') return copied
      if (copied === undefined && (await this.#hasLeft(match, original, content))) return 'unsure'
      if (copied !== undefined) return { id: this.#rows.get(match.id)!.copyOf ?? match.id, ...copied }
    }
    return undefined
  }

  /** Whether a file that `copy` begins like was truncated since it was looked at, which is what happens to copied files. */
  async #hasLeft(original: Match, content: Content, copy: Content): Promise<boolean> {
    if (!beginsLike(copy, content)) return false
    return (await holds(content, this.#rows.get(original.id)!)) !== true
  }

  /** A copy goes on as one while its original holds all of it. */
  async #reviewCopy(match: Match): Promise<void> {
    const { copyOf = 0, position } = this.#rows.get(match.id)!
    const original = this.#claimed.get(copyOf)
    if (original !== undefined && match.content === undefined) return
    const content = match.content ?? (await this.#look(match.found))
    if (content === undefined) return
    if (original === undefined) {
      const measured = await content.measure([], true)
      const unread = (this.#rows.get(copyOf)?.position ?? position) < position
      if (measured?.length !== undefined && (unread || measured.length !== position))
        await this.#release(match, content)
      return
    }
    const other = original.content ?? (await this.#look(original.found))
    if (other === undefined) return
    const copied = await isCopy({ found: match.found, content }, { found: original.found, content: other })
    if (copied === undefined && (await this.#hasLeft(original, other, content))) return
    if (copied === undefined) await this.#release(match, content)
    else if (copied !== 'unsure') this.#rows.update(match.id, covered(copied, match.found))
  }

  /**
   * While it was short, a copy may have been taken for that of another file, all of which begin alike. What is no copy at
   * all has a life of its own: a copy is complete before its original goes. It is read from where it was known on.
   */
  async #release(match: Match, content: Content): Promise<void> {
    const { found, id } = match
    await this.#matchOrphan(found, this.#orphansByHead())
    if (this.#deferred.has(found)) return
    if (this.#matches.get(found) !== match) {
      this.#claimed.delete(id)
      this.#rows.update(id, { inode: '' })
      return
    }
    const original = await this.#originalOf(found, content)
    const row = this.#rows.get(id)!
    if (original === 'unsure') {
      this.#match(found, row, 'copy', content)
    } else if (original !== undefined) {
      this.#match(found, this.#rows.update(id, { copyOf: original.id, ...covered(original, found) }), 'copy', content)
    } else {
      const before = this.#rows.get(row.copyOf ?? 0)
      const elsewhere = before !== undefined && (await this.#partsAtPositionOf(before, row, content))
      const changes = { copyOf: undefined, ...(before === undefined ? {} : heritage(before, elsewhere)) }
      this.#match(found, this.#rows.update(id, changes), 'read', content)
    }
  }

  /**
   * Whether a copy goes on where reading of its original stopped, and not where it was known to be a copy. Before that,
   * if lines of the original were not read and are in the copy alone; behind it, if the copy holds all that was read.
   */
  async #partsAtPositionOf(original: StoredFile, copy: StoredFile, content: Content): Promise<boolean> {
    if (original.position < copy.position) return !(await this.#isStillIn(original.id, copy))
    const measured = await content.measure([original.position], false)
    return measured?.markers.get(original.position) === original.markerHash
  }

  /** Whether what was known of a copy is still in the file of its original, and so is read there. */
  async #isStillIn(original: number, copy: StoredFile): Promise<boolean> {
    const match = this.#claimed.get(original)
    const content = match === undefined ? undefined : (match.content ?? (await this.#look(match.found)))
    const measured = await content?.measure([copy.position], false)
    return measured?.markers.get(copy.position) === copy.markerHash
  }

  #missGone(): void {
    for (const row of this.#rows.all()) {
      if (!this.#claimed.has(row.id) && row.goneAt === undefined) this.#rows.update(row.id, { goneAt: this.#now })
    }
  }

  #match(found: FoundFile, row: StoredFile, state: Match['state'], content?: Content): void {
    if (state !== 'wait') {
      const { headLength, headHash } = content === undefined ? row : longerHead(row, content)
      const { path, inode } = found
      const modifiedAt = Math.trunc(found.modifiedAt)
      this.#rows.update(row.id, { path, inode, headLength, headHash, modifiedAt, goneAt: undefined })
    }
    const match: Match = { found, id: row.id, state, content }
    if (!this.#matches.has(found)) this.#originals.add(found, content?.head)
    this.#matches.set(found, match)
    this.#claimed.set(row.id, match)
  }

  /** Looks at a file once; undefined if its path leads elsewhere by now. */
  async #look(found: FoundFile): Promise<Content | undefined> {
    const seen = this.#contents.get(found)
    if (seen !== undefined) return seen
    const content = await Content.of(found)
    if (content !== undefined) this.#contents.set(found, content)
    return content
  }

  /** As `#look`, for a file that another one is compared with. */
  async #lookOrSkip(found: FoundFile): Promise<Content | 'unreadable' | undefined> {
    try {
      return await this.#look(found)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      return 'unreadable'
    }
  }

  /** A file that cannot be read now is noted, and keeps the stream that its inode stands for. */
  async #guarded(found: FoundFile, step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      this.problems.push({ path: found.path, kind: 'unreadable', detail: messageOf(error) })
      const row = this.#rows.all().find((candidate) => candidate.inode === found.inode)
      if (row !== undefined && !this.#matches.has(found)) this.#match(found, row, 'wait')
    }
  }
}
