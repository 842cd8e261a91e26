import { parse } from 'csv-parse/sync'

const QUOTE = 0x22

/** Splits a row into `into` and returns how many fields it has; -1 where its quotes make no sense. */
export function splitRow(row: string, delimiter: string, into: string[]): number {
  if (!row.includes('"')) return splitPlain(row, delimiter, into)
  const count = splitQuoted(row, delimiter, into)
  return count >= 0 ? count : splitIrregular(row, delimiter, into)
}

function splitPlain(row: string, delimiter: string, into: string[]): number {
  let count = 0
  let start = 0
  for (let at = row.indexOf(delimiter); at >= 0; at = row.indexOf(delimiter, start)) {
    into[count++] = row.slice(start, at)
    start = at + 1
  }
  into[count++] = row.slice(start)
  return count
}

/** RFC 4180 as nearly every writer keeps it. -1 for anything else, which is left to csv-parse. */
function splitQuoted(row: string, delimiter: string, into: string[]): number {
  const separator = delimiter.charCodeAt(0)
  let count = 0
  let at = 0
  for (;;) {
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
}

function splitIrregular(row: string, delimiter: string, into: string[]): number {
  try {
    const rows: string[][] = parse(row, { delimiter, relax_quotes: true, relax_column_count: true, trim: true })
    if (rows.length !== 1) return -1
    for (let i = 0; i < rows[0].length; i++) into[i] = rows[0][i]
    return rows[0].length
  } catch {
    return -1
  }
}
