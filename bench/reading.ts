import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Reader } from '../src/reading/reader.ts'
import { median } from './support/measure.ts'
import { report } from './support/report.ts'

/**
 * What reading and splitting lines costs beside read() alone, on the same file in the same process, in turns. Both are
 * measured in CPU time, so that what else the machine does changes neither.
 */
const FILE_BYTES = 512 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024
const ROUNDS = 7

const dir = mkdtempSync(join(tmpdir(), 'oddline-bench-reading-'))
const path = join(dir, 'access.log')
const lines = writeAccessLog(path)
const raw: number[] = []
const read: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  raw.push(await throughput(() => readRaw(path)))
  read.push(await throughput(() => readRecords(dir)))
}
rmSync(dir, { recursive: true })

const ratios = raw.map((bytesPerSecond, round) => read[round] / bytesPerSecond)
report(
  'reading',
  { lines, reader_mb_per_s: megabytes(median(read)), part_of_raw_read: Number(median(ratios).toFixed(3)) },
  { raw_read_mb_per_s: megabytes(median(raw)) },
  { part_of_raw_read: { min: 0.2 } },
)

/** Bytes in a second of CPU time. */
async function throughput(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return FILE_BYTES / ((user + system) / 1e6)
}

function readRaw(file: string): void {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  const fd = openSync(file, 'r')
  while (readSync(fd, buffer, 0, CHUNK_BYTES, null) > 0);
  closeSync(fd)
}

async function readRecords(logDir: string): Promise<void> {
  const reader = new Reader(
    {
      logDir,
      include: ['**/*.log'],
      exclude: [],
      maxRecordBytes: 64 * 1024,
      chunkBytes: CHUNK_BYTES,
      sniff: () => ({ format: 'access', framing: 'lines', context: '' }),
      settleMs: 0,
      maxOpenFiles: 16,
      clock: { now: () => Date.now() },
    },
    [],
  )
  await reader.discover()
  let count = 0
  for (let next = await reader.next(); next !== undefined; next = await reader.next()) count += next.block.count
  await reader.close()
  if (count !== lines) throw new Error(`${count} lines came of ${lines}.`)
}

function writeAccessLog(file: string): number {
  const fd = openSync(file, 'w')
  let count = 0
  for (let written = 0; written < FILE_BYTES; ) {
    let text = ''
    while (text.length < CHUNK_BYTES) {
      const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'.slice(0, 20 + (count % 50))
      text += `192.0.2.${count % 256} - - [22/Nov/2026:03:14:15 +0000] "GET /product/${count}?page=${count % 9} HTTP/1.1" 200 ${count % 7919} "-" "${agent}"\n`
      count++
    }
    const room = FILE_BYTES - written
    if (text.length > room) {
      const cut = text.lastIndexOf('\n', room - 1) + 1
      count -= text.slice(cut).split('\n').length - 1
      text = text.slice(0, cut)
      writeSync(fd, text)
      break
    }
    written += writeSync(fd, text)
  }
  closeSync(fd)
  return count
}

function megabytes(bytesPerSecond: number): number {
  return Math.round(bytesPerSecond / 1e6)
}
