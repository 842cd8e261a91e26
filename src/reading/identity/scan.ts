import { type BigIntStats, readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import type { ReadProblem } from '../../core/documents/batch.ts'
import { type RotatedName, rotatedName } from './rotated-name.ts'

/** A regular file that is not empty. */
export interface FoundFile {
  readonly path: string
  readonly name: RotatedName
  /** `device:inode:birth`, see `inodeOf`. */
  readonly inode: string
  readonly size: number
  readonly modifiedAt: number
  /** Creation time in ns since the epoch. */
  readonly bornAt: bigint
  /**
   * Size and modification time. If they and the inode are unchanged, the file was not written to; it may have been
   * renamed.
   */
  readonly signature: string
  /**
   * False if the signature is too recent to trust: two changes within one clock tick of the file system look like one.
   */
  readonly signed: boolean
}

export interface Scan {
  /** Sorted by set, and within a set from the current file to the oldest; one entry per inode. */
  readonly files: readonly FoundFile[]
  readonly problems: readonly ReadProblem[]
  /** Bases of the sets that got a new file name during the scan: they are being rotated. */
  readonly rotating: ReadonlySet<string>
}

export interface ScanOptions {
  readonly logDir: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

const SIGNED_AFTER_MS = 2_000
const MAX_SCANS = 3
const ABSENT = 'the log directory does not exist; create it, or set another one with --log-dir'

/**
 * Lists and stats the files, then lists them again and restarts if a new name has appeared. So the copying of a file
 * that is not in the scan started after its original was measured, and the copy contains at least that many bytes. Sets
 * that keep changing are returned in `rotating`.
 */
export function scan(options: ScanOptions, now: number): Scan {
  const wanted = picomatch([...options.include], { dot: true, ignore: [...options.exclude] })
  for (let attempt = 1; ; attempt++) {
    const problems: ReadProblem[] = []
    const paths = list(options.logDir, wanted, problems)
    const files = measure(paths, now, problems)
    const before = new Set(paths)
    const fresh = list(options.logDir, wanted, []).filter((path) => !before.has(path))
    if (attempt < MAX_SCANS && fresh.length > 0) continue
    return { files, problems, rotating: new Set(fresh.map((path) => rotatedName(path).base)) }
  }
}

function list(logDir: string, wanted: (path: string) => boolean, problems: ReadProblem[]): string[] {
  const paths: string[] = []
  const entered = new Set<string>()
  const pending = [logDir]
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    const stats = statOf(dir, problems)
    if (stats === undefined && dir === logDir && problems.length === 0)
      problems.push({ path: logDir, kind: 'unreadable', detail: ABSENT })
    if (stats === undefined || entered.has(inodeOf(stats))) continue
    entered.add(inodeOf(stats))
    for (const entry of entriesOf(dir, problems)) {
      const path = join(dir, entry.name)
      const isLink = entry.isSymbolicLink()
      if (entry.isDirectory() || (isLink && statOf(path, [])?.isDirectory())) pending.push(path)
      else if ((entry.isFile() || isLink) && wanted(relative(logDir, path).split(sep).join('/'))) paths.push(path)
    }
  }
  return paths
}

function entriesOf(dir: string, problems: ReadProblem[]) {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch (error) {
    note(dir, error, problems)
    return []
  }
}

function measure(paths: readonly string[], now: number, problems: ReadProblem[]): FoundFile[] {
  const named = paths.map((path) => ({ path, name: rotatedName(path) }))
  named.sort((a, b) => order(a.name.set, b.name.set) || order(a.name.age, b.name.age) || order(a.path, b.path))
  const found = new Map<string, FoundFile>()
  for (const { path, name } of named) {
    const stats = statOf(path, problems)
    if (stats === undefined || !stats.isFile() || stats.size === 0n || found.has(inodeOf(stats))) continue
    found.set(inodeOf(stats), foundFile(path, name, stats, now))
  }
  return [...found.values()]
}

function foundFile(path: string, name: RotatedName, stats: BigIntStats, now: number): FoundFile {
  return {
    path,
    name,
    inode: inodeOf(stats),
    size: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    bornAt: stats.birthtimeNs,
    signature: `${stats.size}:${stats.mtimeNs}`,
    signed: now - Number(stats.ctimeMs) > SIGNED_AFTER_MS,
  }
}

/**
 * `device:inode:birth`. A file system may reuse the inode number of a deleted file at once; the birth time in ns
 * distinguishes the two. It is 0 on file systems without birth times, such as NFS 3, where only the content
 * distinguishes them.
 */
export function inodeOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`
}

/** True if both name the same file, ignoring the device, which may change when the file system is mounted again. */
export function isSameInode(a: string, b: string): boolean {
  return a !== '' && b !== '' && a.slice(a.indexOf(':')) === b.slice(b.indexOf(':'))
}

/** Undefined if the path does not exist; other failures are recorded. */
function statOf(path: string, problems: ReadProblem[]): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true })
  } catch (error) {
    note(path, error, problems)
    return undefined
  }
}

function note(path: string, error: unknown, problems: ReadProblem[]): void {
  const { code, message } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT') problems.push({ path, kind: 'unreadable', detail: message })
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
