import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredFile } from '../../src/core/files/stored-file.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { Reader, type ReaderOptions } from '../../src/reading/reader.ts'

export function temporaryDir(): string {
  return mkdtempSync(join(tmpdir(), 'oddline-reading-'))
}

/** Tells JSON arrays and CSV by their names, and text from binary by NULs. */
export function sniffByName(head: Buffer, path: string): Sniffed {
  if (head.subarray(0, 512).filter((byte) => byte === 0).length > 8)
    return { format: 'binary', framing: 'lines', context: '' }
  if (path.includes('.json')) return { format: 'json', framing: 'json-array', context: '' }
  if (path.includes('.csv')) return { format: 'csv', framing: 'csv', context: '' }
  return { format: 'plain', framing: 'lines', context: '' }
}

export function optionsFor(logDir: string, changes: Partial<ReaderOptions> = {}): ReaderOptions {
  return {
    logDir,
    include: ['**/*'],
    exclude: [],
    maxRecordBytes: 64 * 1024,
    chunkBytes: 1024 * 1024,
    sniff: sniffByName,
    settleMs: 3_600_000,
    maxOpenFiles: 64,
    clock: { now: () => Date.now() },
    ...changes,
  }
}

export interface SeenRecord {
  readonly path: string
  readonly id: number
  readonly line: number
  readonly offset: number
  readonly flags: number
  readonly text: string
}

/** Everything that a reader gives until it has read all that it found. */
export async function drain(reader: Reader): Promise<SeenRecord[]> {
  await reader.discover()
  const seen: SeenRecord[] = []
  for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
    const { block } = read
    for (let i = 0; i < block.count; i++) {
      seen.push({
        path: block.source.path,
        id: block.source.id,
        line: block.lines[i],
        offset: block.offsets[i],
        flags: block.flags[i],
        text: block.bytes.toString('utf8', block.starts[i], block.ends[i]),
      })
    }
  }
  return seen
}

/** Runs that remember nothing but what was stored, as processes do. */
export class Runs {
  readonly options: ReaderOptions
  stored: readonly StoredFile[] = []

  constructor(options: ReaderOptions) {
    this.options = options
  }

  async run(): Promise<SeenRecord[]> {
    const reader = new Reader(this.options, this.stored)
    const seen = await drain(reader)
    this.save(reader)
    await reader.close()
    return seen
  }

  async texts(): Promise<string[]> {
    return (await this.run()).map((record) => record.text)
  }

  save(reader: Reader): void {
    const rows = new Map(this.stored.map((row) => [row.id, row]))
    for (const row of reader.moved()) rows.set(row.id, row)
    this.stored = [...rows.values()]
  }
}
