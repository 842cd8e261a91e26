import { parse } from 'csv-parse/sync'

const QUOTE = 0x22
/** Cells of a row that are told apart; a row of delimiters only costs no more memory than that. */
const MAX_CELLS = 2048
/** Characters of a row that csv-parse is asked about: it reads some 3 MB a second, too slow for a file of such rows. */
const IRREGULAR_LIMIT = 16_384

/**
 * Splits a row without making strings: the first places of `starts` and `ends` are those of its cells, without quotes
 * around them. Returns how many there are; -1 where a cell is not simply a part of the row.
 */
export function splitSlices(
  bytes: Uint8Array,
  from: number,
  to: number,
  separator: number,
  starts: number[],
  ends: number[],
): number {
  let count = 0
  for (let at = from; count < MAX_CELLS; at++) {
    const quoted = at < to && bytes[at] === QUOTE
    if (quoted) at++
    starts[count] = at
    if (quoted) while (at < to && bytes[at] !== QUOTE) at++
    else while (at < to && bytes[at] !== separator && bytes[at] !== QUOTE) at++
    ends[count++] = at
    if (quoted) {
      if (at >= to) return -1
      at++
    }
    if (at >= to) return count
    if (bytes[at] !== separator) return -1
  }
  return -1
}

/** Splits a row into the first places of `into` and returns how many fields it has; -1 where its quotes make no sense. */
export function splitRow(row: string, delimiter: string, into: string[]): number {
  if (!row.includes('"')) return splitPlain(row, delimiter, into)
  const count = splitQuoted(row, delimiter, into)
  return count >= 0 ? count : splitIrregular(row, delimiter, into)
}

function splitPlain(row: string, delimiter: string, into: string[]): number {
  let count = 0
  let start = 0
  for (let at = row.indexOf(delimiter); at >= 0 && count < MAX_CELLS; at = row.indexOf(delimiter, start)) {
    into[count++] = row.slice(start, at)
    start = at + 1
  }
  into[count++] = row.slice(start)
  return count
}

/** RFC 4180 as nearly every writer keeps it, several times faster than csv-parse, to which all else (-1) is left. */
function splitQuoted(row: string, delimiter: string, into: string[]): number {
  const separator = delimiter.charCodeAt(0)
  let count = 0
  let at = 0
  while (count < MAX_CELLS) {
    if (row.charCodeAt(at) === QUOTE) {
      let close = row.indexOf('"', at + 1)
      let doubled = false
      while (close >= 0 && row.charCodeAt(close + 1) === QUOTE) {
        doubled = true
        close = row.indexOf('"', close + 2)
      }
      if (close < 0) return -1
      const value = row.slice(at + 1, close)
      into[count++] = doubled ? value.replaceAll('""', '"') : value
      at = close + 1
    } else {
      const end = row.indexOf(delimiter, at)
      const value = row.slice(at, end < 0 ? row.length : end)
      if (value.includes('"')) return -1
      into[count++] = value
      at += value.length
    }
    if (at >= row.length) return count
    if (row.charCodeAt(at) !== separator) return -1
    at++
  }
  return -1
}

function splitIrregular(row: string, delimiter: string, into: string[]): number {
  if (row.length > IRREGULAR_LIMIT) return -1
  try {
    const rows: string[][] = parse(row, { delimiter, relax_quotes: true, relax_column_count: true, trim: true })
    if (rows.length !== 1 || rows[0].length > MAX_CELLS) return -1
    for (let i = 0; i < rows[0].length; i++) into[i] = rows[0][i]
    return rows[0].length
  } catch {
    return -1
  }
}
