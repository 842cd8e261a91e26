import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { StoredFile } from '../../src/core/files/stored-file.ts'
import { seeded } from '../../src/core/random.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { sniff } from '../../src/parsing/sniff.ts'
import { Reader } from '../../src/reading/reader.ts'

export interface HoleResult {
  readonly files: number
  readonly holes: number
  readonly linesIn: number
  readonly linesOut: number
  /** Lines that a hole damaged or joined to a damaged one. */
  readonly damaged: number
  readonly duplicates: number
  readonly losses: number
  /** Events of damaged lines that parse as if they were whole. */
  readonly fragments: number
  /** Events with text that was never written. */
  readonly invented: number
}

type Choose = (below: number) => number

interface Damaged {
  readonly content: Buffer
  readonly holes: number
  /** The lines that are whole and stand alone. */
  readonly whole: ReadonlySet<string>
}

/** A run of this length separates records, as the README of reading promises. */
const SEPARATING = 32
const LONGEST_HOLE = 1024 * 1024

/**
 * Logs with blocks of NUL bytes, as power failures leave them: inserted, in place of text, or in place of the rest of a
 * line. Plain files are read while they grow, gzip files at once.
 */
export async function readHoles(files: number, seed: number): Promise<HoleResult> {
  const random = seeded(seed)
  const choose: Choose = (below) => Math.floor(random() * below)
  const total = { files: 0, holes: 0, linesIn: 0, linesOut: 0, damaged: 0, duplicates: 0, losses: 0 }
  const odd = { fragments: 0, invented: 0 }
  for (let file = 0; file < files; file++) {
    const lines = Array.from({ length: 20 + choose(400) }, (_, i) => accessLine(file, i, choose))
    const { content, holes, whole } = damage(lines, choose)
    const read = await readBack(content, choose)
    const known = new Set(lines)
    const lost = [...whole].filter((line) => !read.has(line)).length
    total.files++
    total.holes += holes
    total.linesIn += lines.length
    total.linesOut += [...read.values()].reduce((sum, count) => sum + count, 0)
    total.damaged += lines.length - whole.size
    total.duplicates += [...read.values()].filter((count) => count > 1).length
    total.losses += lost
    const text = lines.join('\n')
    for (const line of read.keys()) {
      if (known.has(line)) continue
      odd[line.split(/\0+/).every((piece) => text.includes(piece)) ? 'fragments' : 'invented']++
    }
    if (lost > 0) process.stderr.write(`File ${file} of seed ${seed}: ${lost} lines lost.\n`)
  }
  return { ...total, ...odd }
}

function accessLine(file: number, line: number, choose: Choose): string {
  const path = 'x'.repeat(choose(120))
  return `192.0.2.${choose(256)} - - [10/May/2026:10:00:00 +0000] "GET /${path}?id=${file}-${line} HTTP/1.1" 200 5 "-" "-"`
}

function damage(lines: readonly string[], choose: Choose): Damaged {
  const text = lines.map((line) => `${line}\n`).join('')
  const holes = 1 + choose(4)
  const places = Array.from({ length: holes }, () => choose(text.length + 1)).sort((a, b) => a - b)
  const whole = new Set(lines)
  const starts = startsOf(lines)
  /** A line without its beginning or its end, or joined to the line before it, is not read as it was written. */
  const spoil = (from: number, to: number) => {
    for (let i = 0; i < lines.length; i++) if (starts[i] < to && starts[i + 1] > from) whole.delete(lines[i])
  }
  const pieces: Buffer[] = []
  let at = 0
  for (const place of places) {
    if (place < at) continue
    const length = Math.ceil(LONGEST_HOLE ** ((1 + choose(1000)) / 1000))
    let next = place
    switch (choose(3)) {
      case 0:
        // Between two lines a hole spoils neither of them.
        if (!starts.includes(place)) spoil(place, place + 1)
        break
      case 1:
        next = Math.min(text.length, place + length)
        spoil(place, next)
        break
      default:
        next = starts.find((start) => start > place) ?? text.length
        spoil(place, next)
    }
    // A short run stays in its record, so that a line whose newline before it is gone is joined to the one before.
    if (length < SEPARATING && next > place) spoil(next, next + 1)
    pieces.push(Buffer.from(text.slice(at, place)), Buffer.alloc(length))
    at = next
  }
  pieces.push(Buffer.from(text.slice(at)))
  return { content: Buffer.concat(pieces), holes, whole }
}

/** Where each line starts, and where the last one ends. */
function startsOf(lines: readonly string[]): number[] {
  const starts = [0]
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1)
  return starts
}

/** The lines that were parsed, with how often. */
async function readBack(content: Buffer, choose: Choose): Promise<Map<string, number>> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-holes-'))
  const counts = new Map<string, number>()
  let stored: StoredFile[] = []
  try {
    if (choose(2) === 0) {
      writeFileSync(join(dir, 'access.log.1.gz'), gzipSync(content, { level: 1 }))
      stored = await batch(dir, stored, counts)
    } else {
      const path = join(dir, 'access.log')
      let written = 0
      while (written < content.length) {
        const next = Math.min(content.length, written + 1 + choose(content.length))
        appendFileSync(path, content.subarray(written, next))
        written = next
        stored = await batch(dir, stored, counts)
      }
    }
    await batch(dir, stored, counts, 0)
    return counts
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Reads what is there, and returns all that a new process would know. */
async function batch(
  dir: string,
  stored: readonly StoredFile[],
  counts: Map<string, number>,
  settleMs = 3_600_000,
): Promise<StoredFile[]> {
  const reader = new Reader(
    {
      ...{ logDir: dir, include: ['**/*'], exclude: [], sniff, settleMs, maxOpenFiles: 4 },
      ...{ maxRecordBytes: 64 * 1024, chunkBytes: 256 * 1024, clock: { now: () => Date.now() } },
    },
    stored,
  )
  const parser = createParser()
  await reader.discover()
  for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
    const { events } = parser.parse(read.block, read.sniffed)
    for (let i = 0; i < events.count; i++) {
      const line = events.raw.at(i)
      counts.set(line, (counts.get(line) ?? 0) + 1)
    }
  }
  const rows = new Map(stored.map((row) => [row.id, row]))
  for (const row of reader.moved()) rows.set(row.id, row)
  await reader.close()
  return [...rows.values()]
}
