import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordBlock, SourceFile } from '../src/core/columns/block.ts'
import { createParser } from '../src/parsing/parser.ts'
import { sniff } from '../src/parsing/sniff.ts'
import { type GeneratedFormat, generate } from '../test/support/generate/generate.ts'
import { report } from './support/report.ts'

/**
 * Parsing alone, on one thread, beside the raw cutting of the same file at its line feeds. Blocks are of 1 MiB, as the
 * reader gives them. Each figure is the median of five rounds in records a second.
 */

const ROUNDS = 5
const BLOCK = 1 << 20

const CASES: readonly {
  readonly format: GeneratedFormat
  readonly name: string
  readonly lines: number
  readonly min: number
}[] = [
  { format: 'combined', name: 'access', lines: 1_000_000, min: 3_000_000 },
  { format: 'auth', name: 'syslog', lines: 500_000, min: 400_000 },
  { format: 'json', name: 'json', lines: 500_000, min: 250_000 },
  { format: 'csv', name: 'csv', lines: 500_000, min: 250_000 },
]

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'oddline-bench-'))
  const figures: Record<string, number> = {}
  const peers: Record<string, number> = {}
  const targets: Record<string, { min: number }> = {}
  try {
    for (const { format, name, lines, min } of CASES) {
      const path = join(folder, `${name}.log`)
      const start = performance.now()
      generate(path, { lines, seed: 1, format })
      if (format === 'combined') figures.generate_combined_lines_per_s = rate(lines, start)
      const { parsing, splitting } = measure(path, lines)
      figures[`${name}_per_s`] = parsing
      peers[`split_${name}_per_s`] = splitting
      targets[`${name}_per_s`] = { min }
      console.log(
        `${name}: ${parsing.toLocaleString('en')} records/s parsed, ${splitting.toLocaleString('en')} lines/s split`,
      )
      rmSync(path)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  targets.generate_combined_lines_per_s = { min: 300_000 }
  report('parsing', figures, peers, targets)
}

function measure(path: string, lines: number): { parsing: number; splitting: number } {
  const bytes = readFileSync(path)
  const source: SourceFile = { id: 1, path, modifiedAt: statSync(path).mtimeMs }
  const sniffed = sniff(bytes.subarray(0, 65_536), path)
  const parser = createParser()
  const parsing: number[] = []
  const splitting: number[] = []
  const blocks = split(bytes, source)
  for (let round = 0; round < ROUNDS; round++) {
    const splitStart = performance.now()
    const found = countLines(bytes)
    splitting.push(rate(found, splitStart))
    const parseStart = performance.now()
    let events = 0
    for (const block of blocks) events += parser.parse(block, sniffed).events.count
    parsing.push(rate(lines, parseStart))
    if (events !== lines) throw new Error(`${path}: ${events} events of ${lines} lines`)
  }
  return { parsing: median(parsing), splitting: median(splitting) }
}

/** The least that any reader of lines must do. */
function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

/** Cuts a file at its line feeds into blocks of whole lines. */
function split(bytes: Buffer, source: SourceFile): RecordBlock[] {
  const blocks: RecordBlock[] = []
  let line = 1
  for (let from = 0; from < bytes.length; ) {
    const to = bytes.lastIndexOf(10, from + BLOCK) + 1
    const part = bytes.subarray(from, to)
    const starts = new Uint32Array(BLOCK >> 5)
    const ends = new Uint32Array(BLOCK >> 5)
    let count = 0
    for (let at = 0; at < part.length; count++) {
      const end = part.indexOf(10, at)
      starts[count] = at
      ends[count] = end
      at = end + 1
    }
    blocks.push({
      source,
      bytes: part,
      count,
      starts,
      ends,
      flags: new Uint8Array(count),
      lines: Uint32Array.from({ length: count }, (_, i) => line + i),
      offsets: Float64Array.from({ length: count }, (_, i) => from + starts[i]),
      endOffset: to,
    })
    line += count
    from = to
  }
  return blocks
}

function rate(count: number, start: number): number {
  return Math.round((count / (performance.now() - start)) * 1000)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

main()
