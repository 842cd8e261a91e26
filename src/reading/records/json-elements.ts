import { RECORD_TRUNCATED } from '../../core/columns/block.ts'
import type { RecordTable } from './record-table.ts'
import type { Cut, RecordWindow } from './window.ts'

const NEWLINE = 10
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Position of the scanner within an element. */
interface Scan {
  depth: number
  inString: boolean
  escaped: boolean
}

/**
 * Cuts the elements of a JSON array, which may span lines. Everything between elements (brackets, commas, white space)
 * is skipped, so reading can resume there without state, and consecutive arrays are read as one.
 */
export function cutJsonElements(window: RecordWindow, table: RecordTable): Cut {
  const { bytes, length, maxRecordBytes } = window
  const scan: Scan = window.skip === '' ? { depth: 0, inString: false, escaped: false } : parseSkip(window.skip)
  let line = window.line
  let at = 0
  if (window.skip !== '') {
    at = endOfElement(bytes, 0, length, scan)
    line += countNewlines(bytes, 0, Math.min(at, length))
    if (at > length) return { consumed: length, line, skip: window.final ? '' : formatSkip(scan) }
  }
  for (;;) {
    while (at < length && isBetween(bytes[at])) if (bytes[at++] === NEWLINE) line++
    if (at >= length) return { consumed: length, line, skip: '' }
    const start = at
    const startLine = line
    scan.depth = 0
    scan.inString = false
    scan.escaped = false
    at = endOfElement(bytes, start, length, scan)
    const open = at > length
    if (open && !window.final && length - start <= maxRecordBytes) return { consumed: start, line, skip: '' }
    const end = Math.min(at, length)
    line += countNewlines(bytes, start, end)
    const long = end - start > maxRecordBytes
    table.add(start, long ? start + maxRecordBytes : end, startLine, long ? RECORD_TRUNCATED : 0)
    if (open) return { consumed: length, line, skip: window.final ? '' : formatSkip(scan) }
  }
}

/**
 * Exclusive end of the element at `from`; `length + 1` if it continues beyond the window, then `scan` holds the state
 * there.
 */
function endOfElement(bytes: Buffer, from: number, length: number, scan: Scan): number {
  let { depth, inString, escaped } = scan
  for (let i = from; i < length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === NEWLINE) {
        inString = false
        escaped = false
        if (depth === 0) return i
      } else if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) {
        inString = false
        if (depth === 0) return i + 1
      }
    } else if (byte === QUOTE) {
      inString = true
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return i
      if (--depth === 0) return i + 1
    } else if (depth === 0 && (byte === COMMA || byte <= 32)) {
      return i
    }
  }
  scan.depth = depth
  scan.inString = inString
  scan.escaped = escaped
  return length + 1
}

function isBetween(byte: number): boolean {
  return byte <= 32 || byte === COMMA || byte === OPEN_BRACKET || byte === CLOSE_BRACKET || byte === CLOSE_BRACE
}

function countNewlines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

function formatSkip(scan: Scan): string {
  return `json:${scan.depth}:${scan.inString ? 1 : 0}:${scan.escaped ? 1 : 0}`
}

function parseSkip(skip: string): Scan {
  const [, depth, inString, escaped] = skip.split(':')
  return { depth: Number(depth), inString: inString === '1', escaped: escaped === '1' }
}
