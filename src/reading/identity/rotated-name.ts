import { basename, dirname } from 'node:path'

/** The rotated set of a file and its place in it, derived from the path. */
export interface RotatedName {
  /** Name of the current file of the set, without directory: `access.log` for `access.log.2.gz`. */
  readonly base: string
  /** Directory and base. Files of one set are read one after another. */
  readonly set: string
  /** Sort key within a set, from the current file (the empty string) to the oldest. */
  readonly age: string
}

const COMPRESSED = /\.(?:gz|zst|bz2|xz)$/
const NUMBER = /^(.+?)\.(\d{1,5})(\.[A-Za-z][A-Za-z0-9]{0,9})?$/
const DATE =
  /^(.+?)[-._](\d{4}-?\d{2}-?\d{2}(?:[-_T.]?\d{2}[-:]?\d{0,2}[-:]?\d{0,2})?|\d{10})(\.[A-Za-z][A-Za-z0-9]{0,9})?$/
const WORD = /^(.+)\.(?:old|bak|prev|previous)$/

/** Parses the names that logrotate (numbers, dateext), cronolog, log4j and Python's logging handlers create. */
export function rotatedName(path: string): RotatedName {
  const name = basename(path)
  const plain = name.replace(COMPRESSED, '')
  const packed = plain === name ? '' : 'z'
  const of = (base: string, age: string): RotatedName => ({ base, set: `${dirname(path)}/${base}`, age: age + packed })
  const number = NUMBER.exec(plain)
  if (number !== null) return of(number[1] + (number[3] ?? ''), `n${number[2].padStart(6, '0')}`)
  const date = DATE.exec(plain)
  if (date !== null) return of(date[1] + (date[3] ?? ''), `d${olderSortsLater(date[2])}`)
  const word = WORD.exec(plain)
  if (word !== null) return of(word[1], 'b')
  return of(plain, '')
}

/** Subtracts each digit from nine, so that an earlier date sorts after a later one. */
function olderSortsLater(date: string): string {
  return date
    .replace(/\D/g, '')
    .padEnd(14, '0')
    .replace(/\d/g, (digit) => String(9 - Number(digit)))
}
