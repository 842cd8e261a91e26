import { extname } from 'node:path'
import picomatch from 'picomatch'
import { type BlockFormat, decodeUtf8 } from '../core/columns/block.ts'
import type { Sniffed } from '../core/parsed.ts'
import { foreignContent } from '../core/text/foreign-content.ts'
import { AccessLine } from './access/access-line.ts'
import { VHOST_CONTEXT } from './access/access-log.ts'
import { readHeader } from './events/csv-events.ts'
import { SyslogHeader } from './syslog/syslog-header.ts'

/** Most lines of the head that are tested. */
const SAMPLE_LINES = 200
/** A format must parse at least this share of the sampled lines. */
const SHARE = 0.25
/** With a larger share of control bytes, the head is binary. */
const BINARY_SHARE = 0.1
/** The same for a head with many bytes beyond ASCII, as compressed and encrypted content has. */
const RANDOM_SHARE = 0.02
const RANDOM_HIGH_SHARE = 0.3
/** A log that power failures damaged has a few holes; binary records have many. */
const FEW_HOLES = 8

/** Detects the format of a file from its first bytes (up to 64 KiB). The path only decides ties. */
export function sniff(head: Buffer, path: string): Sniffed {
  const content = contentOf(head)
  if (content.length === 0) return unknown
  if (foreignContent(content) !== undefined || isBinary(content))
    return { format: 'binary', framing: 'lines', context: '' }
  const text = content.toString('latin1', 0, content.length)
  if (/^\s*\[\s*(?:\{|\]\s*$|$)/.test(text)) return { format: 'json', framing: 'json-array', context: '' }
  const lines = sampleOf(text)
  const header = readHeader(decodeUtf8(lines[0] ?? ''))
  if (header !== null) return { format: 'csv', framing: 'csv', context: header.text }
  const hits = [accessHits(lines), jsonHits(lines), syslogHits(lines)]
  const best = hits.reduce((a, b) => (b.count > a.count || (b.count === a.count && named(path, b)) ? b : a))
  if (best.count > 0 && best.count >= lines.length * SHARE) return best.sniffed
  // Consecutive objects that span lines are cut like the elements of an array.
  return /^\s*\{\s*"/.test(text) ? { format: 'json', framing: 'json-array', context: '' } : unknown
}

/**
 * Returns `sniff` with overrides: files whose path matches a glob have the declared format. The first matching glob
 * wins.
 */
export function withOverrides(
  overrides: readonly { readonly glob: string; readonly format: BlockFormat }[],
): (head: Buffer, path: string) => Sniffed {
  const matchers = overrides.map(({ glob, format }) => {
    // A glob without a leading slash matches in any directory.
    return { matches: picomatch(glob.startsWith('/') ? glob : `**/${glob}`, { dot: true }), format }
  })
  return (head, path) => {
    const override = matchers.find(({ matches }) => matches(path))
    return override === undefined ? sniff(head, path) : declared(override.format, head)
  }
}

const unknown: Sniffed = { format: 'unknown', framing: 'lines', context: '' }

interface Hits {
  readonly count: number
  readonly sniffed: Sniffed
}

/** Details of a declared format, read from the head: framing, CSV header, virtual hosts. */
function declared(format: BlockFormat, head: Buffer): Sniffed {
  const content = contentOf(head)
  const text = content.toString('latin1', 0, content.length)
  switch (format) {
    case 'access':
      return accessHits(sampleOf(text)).sniffed
    case 'json':
      return { format, framing: /^\s*\[/.test(text) ? 'json-array' : 'lines', context: '' }
    case 'csv':
      return { format, framing: 'csv', context: decodeUtf8(sampleOf(text)[0] ?? '') }
    case 'syslog':
    case 'plain':
      return { format, framing: 'lines', context: '' }
    default:
      return format satisfies never
  }
}

/** The head without leading NULs (from truncation under a writer) and without a byte order mark. */
function contentOf(head: Buffer): Buffer {
  let start = 0
  while (start < head.length && head[start] === 0) start++
  if (head[start] === 0xef && head[start + 1] === 0xbb && head[start + 2] === 0xbf) start += 3
  return head.subarray(Math.min(start, head.length))
}

/** Control bytes, or text in no encoding that we know. A hole in a log counts as one byte, however long. */
function isBinary(content: Buffer): boolean {
  let bytes = 0
  let holes = 0
  let control = 0
  let high = 0
  let before = 1
  for (const byte of content) {
    if (byte !== 0) {
      bytes++
      if (byte >= 0x80) high++
      else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b) control++
    } else if (before !== 0) holes++
    before = byte
  }
  const odd = control + Math.max(0, holes - FEW_HOLES)
  return odd > (bytes + holes) * BINARY_SHARE || (high > bytes * RANDOM_HIGH_SHARE && odd > bytes * RANDOM_SHARE)
}

/** The complete lines that are not blank. An incomplete last line is used only if it is the only one. */
function sampleOf(text: string): string[] {
  const lines: string[] = []
  let start = 0
  while (lines.length < SAMPLE_LINES) {
    const newline = text.indexOf('\n', start)
    if (newline < 0) break
    const line = text.slice(start, newline).replace(/\r$/, '')
    if (line.trim() !== '') lines.push(line)
    start = newline + 1
  }
  const rest = text.slice(start).replace(/\r$/, '')
  return lines.length === 0 && rest.trim() !== '' ? [rest] : lines
}

function accessHits(lines: readonly string[]): Hits {
  const line = new AccessLine()
  let count = 0
  let vhosts = 0
  for (const text of lines) {
    const bytes = Buffer.from(text, 'latin1')
    if (!line.scan(text, bytes, 0, bytes.length, true, false)) continue
    count++
    if (line.vhostEnd > line.vhostStart) vhosts++
  }
  const context = vhosts > count / 2 ? VHOST_CONTEXT : ''
  return { count, sniffed: { format: 'access', framing: 'lines', context } }
}

function jsonHits(lines: readonly string[]): Hits {
  const count = lines.filter(isJsonObject).length
  return { count, sniffed: { format: 'json', framing: 'lines', context: '' } }
}

function isJsonObject(line: string): boolean {
  if (!line.trimStart().startsWith('{')) return false
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}

function syslogHits(lines: readonly string[]): Hits {
  const header = new SyslogHeader()
  const source = { id: 0, path: '', modifiedAt: Date.UTC(2024, 11, 31) }
  const count = lines.filter((line) => header.read(line, 0, line.length, source)).length
  return { count, sniffed: { format: 'syslog', framing: 'lines', context: '' } }
}

/** True if the file name suggests the format. */
function named(path: string, { sniffed }: Hits): boolean {
  const extension = extname(path)
  if (sniffed.format === 'json') return /^\.(?:json|jsonl|ndjson)$/.test(extension)
  return sniffed.format === 'access' ? /access/.test(path) : /auth|secure|syslog|messages/.test(path)
}
