import { closeSync, openSync, writeSync } from 'node:fs'
import { CombinedWriter } from './generate-combined.ts'
import { SecurityWriter } from './generate-security.ts'

export type GeneratedFormat = 'combined' | 'auth' | 'json' | 'csv'

export interface GenerateOptions {
  readonly lines: number
  readonly seed: number
  readonly format: GeneratedFormat
}

export interface Generated {
  readonly lines: number
  readonly bytes: number
  /** Lines that belong to an attack, about 0.5 % of them. */
  readonly attacks: number
}

/** Makes a log's lines one after the other. */
export interface LineWriter {
  /** Lines that come before the first record, such as a CSV header; with its line feed, or empty. */
  readonly header: string
  readonly attacks: number
  next(): string
}

/** Characters collected before they are written. All text is ASCII, so they are bytes, too. */
const CHUNK = 1 << 20

/**
 * Writes a log of realistic variety: clients and pages after Zipf's law, thousands of agents, paths and referers,
 * sessions, a day's rise and fall, bursts, attacks. The same options write the same bytes. Memory does not grow with
 * the number of lines.
 */
export function generate(path: string, options: GenerateOptions): Generated {
  const writer = createWriter(options)
  const file = openSync(path, 'w')
  try {
    let chunk = writer.header
    let bytes = 0
    for (let i = 0; i < options.lines; i++) {
      chunk += writer.next()
      chunk += '\n'
      if (chunk.length >= CHUNK) {
        bytes += writeAll(file, chunk)
        chunk = ''
      }
    }
    bytes += writeAll(file, chunk)
    return { lines: options.lines, bytes, attacks: writer.attacks }
  } finally {
    closeSync(file)
  }
}

function createWriter({ format, seed }: GenerateOptions): LineWriter {
  return format === 'combined' ? new CombinedWriter(seed) : new SecurityWriter(seed, format)
}

function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text, 'latin1')
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
  return written
}
