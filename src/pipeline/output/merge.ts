import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../../core/files/sync-directory.ts'
import { kindOfReject } from '../../core/parsed.ts'
import { DurableFile } from './durable-file.ts'
import { CSV_HEADER } from './findings-csv.ts'
import { replaceFile, type SharedSummary, summaryText } from './summary.ts'

/** In the folder of the batch while its files are added to a shared one: what the shared one was before. */
const NOTE = 'merging.json'
const FILES = ['findings.jsonl', 'findings.csv', 'rejects.jsonl'] as const
const PIECE = 256 * 1024

interface Note {
  readonly target: string
  /** Length of each file; absent for one that was not there. */
  readonly lengths: Readonly<Partial<Record<(typeof FILES)[number], number>>>
  readonly summary: SharedSummary
}

/** Notes what `target` holds, so that `undoMerge` can undo what follows. */
export function noteMerge(partial: string, target: string, summary: SharedSummary): void {
  const lengths = Object.fromEntries(
    FILES.filter((name) => existsSync(join(target, name))).map((name) => [name, statSync(join(target, name)).size]),
  )
  const note: Note = { target, lengths, summary }
  writeFileSync(join(partial, NOTE), JSON.stringify(note), { flush: true })
  syncDirectory(partial)
}

/** Takes the files of an interrupted batch out of the shared folder again; the batch adds them anew. */
export function undoMerge(partial: string): void {
  const path = join(partial, NOTE)
  if (!existsSync(path)) return
  const note = parse(readFileSync(path, 'utf8'))
  if (note && existsSync(note.target)) {
    for (const name of FILES) {
      const file = join(note.target, name)
      const length = note.lengths[name]
      if (length === undefined) rmSync(file, { force: true })
      else if (existsSync(file) && statSync(file).size > length) truncateSync(file, length)
    }
    replaceFile(join(note.target, 'summary.json'), summaryText(note.summary))
  }
  rmSync(path)
}

/** A note that was not written to its end: nothing was added yet. */
function parse(text: string): Note | undefined {
  try {
    return JSON.parse(text) as Note
  } catch {
    return undefined
  }
}

/**
 * Adds the files of a batch to those of a shared folder. Of rejects it adds those that the folder does not list enough
 * of: at most `most` of a file and a reason.
 * @returns how many rejects were left out
 */
export function addFiles(partial: string, target: string, before: SharedSummary, most: number): number {
  add(join(partial, 'findings.jsonl'), join(target, 'findings.jsonl'), 0)
  add(join(partial, 'findings.csv'), join(target, 'findings.csv'), CSV_HEADER.length)
  const listed = new Map<string, number>()
  for (const { path, reject_reasons } of before.files) {
    for (const [reason, count] of Object.entries(reject_reasons ?? {})) listed.set(`${path}\n${reason}`, count)
  }
  const to = appendTo(join(target, 'rejects.jsonl'))
  let left = 0
  for (const line of linesOf(join(partial, 'rejects.jsonl'))) {
    const reject = JSON.parse(line) as { file: string; reason: string }
    const kind = `${reject.file}\n${kindOfReject(reject)}`
    const count = listed.get(kind) ?? 0
    listed.set(kind, count + 1)
    if (count < most) to.write(`${line}\n`)
    else left++
  }
  const length = to.sync()
  to.close()
  if (length === 0) rmSync(join(target, 'rejects.jsonl'))
  return left
}

function add(from: string, target: string, skip: number): void {
  const to = appendTo(target)
  for (const piece of piecesOf(from, skip)) to.append(piece)
  to.sync()
  to.close()
}

function appendTo(path: string): DurableFile {
  return new DurableFile(path, existsSync(path) ? statSync(path).size : 0)
}

function* piecesOf(path: string, skip: number): Generator<Uint8Array> {
  const fd = openSync(path, 'r')
  try {
    const piece = Buffer.alloc(PIECE)
    for (let at = skip; ; ) {
      const length = readSync(fd, piece, 0, PIECE, at)
      if (length === 0) return
      yield piece.subarray(0, length)
      at += length
    }
  } finally {
    closeSync(fd)
  }
}

function* linesOf(path: string): Generator<string> {
  if (!existsSync(path)) return
  let rest: Uint8Array = Buffer.alloc(0)
  for (const piece of piecesOf(path, 0)) {
    let from = 0
    const bytes = Buffer.concat([rest, piece])
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield bytes.toString('utf8', from, end)
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
}
