import { RECORD_TRUNCATED } from '../../core/columns/block.ts'
import type { RecordTable } from './record-table.ts'
import type { Cut, RecordWindow } from './window.ts'

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/**
 * Cuts lines that end with LF or CRLF. NUL bytes before a line are dropped: they fill the gap that appears when a
 * writer continues at its old position after the file was truncated.
 */
export function cutLines(window: RecordWindow, table: RecordTable): Cut {
  const { bytes, length, maxRecordBytes } = window
  let start = 0
  let line = window.line
  if (window.skip !== '') {
    const end = indexOfNewline(bytes, 0, length)
    if (end < 0) return { consumed: length, line, skip: window.final ? '' : window.skip }
    start = end + 1
    line++
  }
  let { starts, ends, lines, flags } = table
  let count = table.count
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start)
    if (end < 0 || end >= length) break
    if (count === starts.length) {
      table.grow()
      ;({ starts, ends, lines, flags } = table)
    }
    let from = start
    while (from < end && bytes[from] === 0) from++
    const to = end > from && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    const fits = to - from <= maxRecordBytes
    starts[count] = from
    ends[count] = fits ? to : from + maxRecordBytes
    lines[count] = line++
    flags[count] = fits ? 0 : RECORD_TRUNCATED
    count++
    start = end + 1
  }
  table.count = count
  while (start < length && bytes[start] === 0) start++
  if (length - start > maxRecordBytes) {
    table.add(start, start + maxRecordBytes, line, RECORD_TRUNCATED)
    if (window.final) return { consumed: length, line: line + 1, skip: '' }
    return { consumed: length, line, skip: 'line' }
  }
  if (!window.final || start === length) return { consumed: start, line, skip: '' }
  const end = bytes[length - 1] === CARRIAGE_RETURN ? length - 1 : length
  table.add(start, end, line, 0)
  return { consumed: length, line: line + 1, skip: '' }
}

/** Index of the next newline before `length`; -1 if there is none. */
export function indexOfNewline(bytes: Buffer, from: number, length: number): number {
  const at = bytes.indexOf(NEWLINE, from)
  return at < length ? at : -1
}
