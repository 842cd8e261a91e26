import { RECORD_HOLE } from '../../core/columns/block.ts'
import type { Framing } from '../../core/parsed.ts'
import { cutCsvRows } from './csv-rows.ts'
import { endOfHole, findHole, HOLE_BYTES } from './holes.ts'
import { cutJsonElements } from './json-elements.ts'
import { cutLines } from './lines.ts'
import type { RecordTable } from './record-table.ts'
import type { Cut, RecordWindow } from './window.ts'

/** The parser state within a hole: the NUL bytes that follow belong to a record that was given already. */
const IN_HOLE = 'hole'
const NEWLINE = 10

/**
 * Cuts whole records. An over-long one is cut at the limit and flagged, and its rest skipped without keeping it. A hole
 * is a record of its own: it ends the record before it, which is incomplete, and a new one begins behind it.
 */
export function cutRecords(framing: Framing, window: RecordWindow, table: RecordTable): Cut {
  const { bytes, length, final } = window
  let { line, skip } = window
  let at = 0
  if (skip === IN_HOLE) {
    at = endOfHole(bytes, 0, length)
    if (at === length) return { consumed: length, line, skip }
    skip = ''
  }
  for (;;) {
    const hole = findHole(bytes, at, length)
    if (hole === undefined || hole.end - hole.start < HOLE_BYTES) {
      // A short run at the end is left for the next window, which shows how long it is.
      const to = hole === undefined || final ? length : hole.start
      const cut = cutStretch(framing, { ...window, line, skip }, at, to, table)
      return { ...cut, consumed: at + cut.consumed }
    }
    cutStretch(framing, { ...window, line, skip, final: true }, at, hole.start, table)
    line += newlinesIn(bytes, at, hole.start)
    table.add(hole.start, hole.end, line, RECORD_HOLE)
    if (hole.end === length) return { consumed: length, line, skip: IN_HOLE }
    at = hole.end
    skip = ''
  }
}

/** Cuts the records between two holes. */
function cutStretch(framing: Framing, window: RecordWindow, from: number, to: number, table: RecordTable): Cut {
  const first = table.count
  const cut = cutText(framing, { ...window, bytes: window.bytes.subarray(from), length: to - from }, table)
  if (from > 0) table.shift(first, from)
  return cut
}

function cutText(framing: Framing, window: RecordWindow, table: RecordTable): Cut {
  switch (framing) {
    case 'lines':
      return cutLines(window, table)
    case 'json-array':
      return cutJsonElements(window, table)
    case 'csv':
      return cutCsvRows(window, table)
    default:
      return framing satisfies never
  }
}

function newlinesIn(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
