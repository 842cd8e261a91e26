import { RECORD_TRUNCATED } from '../../core/columns/block.ts'
import { indexOfNewline } from './lines.ts'
import type { RecordTable } from './record-table.ts'
import type { Cut, RecordWindow } from './window.ts'

const NEWLINE = 10
const CARRIAGE_RETURN = 13
const QUOTE = 34

/**
 * Cuts CSV rows (RFC 4180): a newline inside quotes belongs to the row. A quote counts only at the start of a field, so
 * a stray one inside a value is harmless. A quote that is never closed costs at most one over-long record; reading
 * continues at the next line.
 */
export function cutCsvRows(window: RecordWindow, table: RecordTable): Cut {
  const { bytes, length, maxRecordBytes } = window
  let start = 0
  let line = window.line
  if (window.skip !== '') {
    const end = indexOfNewline(bytes, 0, length)
    if (end < 0) return { consumed: length, line, skip: window.final ? '' : window.skip }
    start = end + 1
    line++
  }
  while (start < length) {
    if (bytes[start] === 0) {
      start++
      continue
    }
    const limit = Math.min(length, start + maxRecordBytes + 1)
    const end = endOfRow(bytes, start, limit)
    if (end < 0 && limit < length) {
      table.add(start, start + maxRecordBytes, line, RECORD_TRUNCATED)
      line += countNewlines(bytes, start, limit)
      const next = indexOfNewline(bytes, limit, length)
      if (next < 0) return { consumed: length, line, skip: window.final ? '' : 'line' }
      start = next + 1
      line++
      continue
    }
    if (end < 0 && !window.final) return { consumed: start, line, skip: '' }
    const stop = end < 0 ? length : end
    table.add(start, stop > start && bytes[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop, line, 0)
    line += countNewlines(bytes, start, stop) + 1
    start = end < 0 ? length : end + 1
  }
  return { consumed: start, line, skip: '' }
}

/** Index of the newline that ends the row at `start`; -1 if there is none before `limit`. */
function endOfRow(bytes: Buffer, start: number, limit: number): number {
  let fieldBegins = true
  for (let i = start; i < limit; i++) {
    const byte = bytes[i]
    if (byte === QUOTE && fieldBegins) {
      i = closingQuote(bytes, i + 1, limit)
      if (i < 0) return -1
      fieldBegins = false
    } else if (byte === NEWLINE) {
      return i
    } else {
      fieldBegins = byte === 44 || byte === 59 || byte === 9 || byte === 124
    }
  }
  return -1
}

/** Two consecutive quotes are an escaped quote and do not close. */
function closingQuote(bytes: Buffer, from: number, limit: number): number {
  for (let at = from; ; at += 2) {
    at = bytes.indexOf(QUOTE, at)
    if (at < 0 || at >= limit) return -1
    if (at + 1 >= limit || bytes[at + 1] !== QUOTE) return at
  }
}

function countNewlines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
