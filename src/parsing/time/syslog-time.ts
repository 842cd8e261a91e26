import type { SourceFile } from '../../core/columns/block.ts'
import { daysIn, monthOf, utc } from './apache-time.ts'

const DAY = 86_400_000

/**
 * Reads the time of RFC 3164, `Mar  7 06:25:24`, which has no year and no zone. The zone is taken as UTC. The year is
 * the latest that puts the time no later than a day after the file was modified, each line by itself: so a file over
 * New Year is right, and a clock that goes back does no harm.
 */
export class SyslogTime {
  /** Place after the time that was read last. */
  end = 0
  #month = -1
  #day = -1
  #modifiedAt = Number.NaN
  /** Midnight of the last date in the year before, at and after that of the file's modification. */
  #midnight = Number.NaN
  #latest = 0

  readAt(text: string, at: number, source: SourceFile): number {
    this.end = at
    const month = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)
    if (text.charCodeAt(at + 3) !== 0x20) return Number.NaN
    // The day is padded with a blank, with a zero, or not at all.
    let next = text.charCodeAt(at + 4) === 0x20 ? at + 5 : at + 4
    let day = 0
    for (; day < 32 && isDigit(text.charCodeAt(next)); next++) day = day * 10 + text.charCodeAt(next) - 0x30
    if (text.charCodeAt(next) !== 0x20) return Number.NaN
    next++
    const year = yearAt(text, next)
    if (year > 0) next += 5
    const clock = clockAt(text, next)
    if (clock < 0) return Number.NaN
    this.end = next + 8
    if (text.charCodeAt(this.end) === 0x2e) {
      this.end++
      while (isDigit(text.charCodeAt(this.end))) this.end++
    }
    if (year > 0) return midnight(year, month, day) + clock
    if (month !== this.#month || day !== this.#day || source.modifiedAt !== this.#modifiedAt) {
      this.#month = month
      this.#day = day
      this.#modifiedAt = source.modifiedAt
      this.#latest = source.modifiedAt + DAY
      this.#midnight = latestMidnight(month, day, this.#latest)
    }
    const time = this.#midnight + clock
    // The day may lie within the limit and the time of day beyond it.
    return time > this.#latest ? latestMidnight(month, day, this.#midnight - 1) + clock : time
  }
}

/** The latest midnight of a date that is not after `limit`; NaN where the date is none. 29 February looks back up to 8 years. */
function latestMidnight(packedMonth: number, day: number, limit: number): number {
  const year = new Date(limit).getUTCFullYear()
  for (let back = 0; back <= 8; back++) {
    const time = midnight(year - back, packedMonth, day)
    if (time <= limit) return time
  }
  return Number.NaN
}

function midnight(year: number, packedMonth: number, day: number): number {
  const month = monthOf(packedMonth >> 16, (packedMonth >> 8) & 0xff, packedMonth & 0xff)
  if (month < 0 || day < 1 || day > daysIn(year, month)) return Number.NaN
  return utc(year, month, day)
}

/** A year before the clock, as some devices write it; 0 if there is none. */
function yearAt(text: string, at: number): number {
  let year = 0
  for (let i = at; i < at + 4; i++) {
    if (!isDigit(text.charCodeAt(i))) return 0
    year = year * 10 + text.charCodeAt(i) - 0x30
  }
  return text.charCodeAt(at + 4) === 0x20 ? year : 0
}

/** Milliseconds of `hh:mm:ss`; -1 where there is none. */
function clockAt(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== 0x3a || text.charCodeAt(at + 5) !== 0x3a) return -1
  const hour = two(text, at)
  const minute = two(text, at + 3)
  const second = two(text, at + 6)
  if (hour > 23 || minute > 59 || second > 60) return -1
  return (hour * 3600 + minute * 60 + second) * 1000
}

function two(text: string, at: number): number {
  const tens = text.charCodeAt(at)
  const ones = text.charCodeAt(at + 1)
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : 10_000
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
