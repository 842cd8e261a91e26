import type { SourceFile } from '../../core/columns/block.ts'
import { daysIn, monthOf, utc } from './apache-time.ts'

const DAY = 86_400_000

/**
 * Reads the time of RFC 3164, `Mar  7 06:25:24`, which has no year and no zone. The zone is UTC. The year is the latest
 * one that puts the time at most one day after the file's modification time. Each line is handled separately, so a file
 * that spans New Year is read correctly, and a clock that goes back does no harm.
 */
export class SyslogTime {
  /** Position after the last time read. */
  end = 0
  #month = -1
  #day = -1
  #modifiedAt = Number.NaN
  /** Midnight of the last date, in the year that was chosen. */
  #midnight = Number.NaN
  #latest = 0

  readAt(text: string, at: number, source: SourceFile): number {
    this.end = at
    const month = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)
    if (text.charCodeAt(at + 3) !== 0x20) return Number.NaN
    // The day is padded with a space, with a zero, or not at all.
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
    // The date may be within the limit while the time of day is beyond it.
    return time > this.#latest ? latestMidnight(month, day, this.#midnight - 1) + clock : time
  }
}

/**
 * The latest midnight of a date at or before `limit`; NaN for an invalid date. For 29 February, it looks back up to 8
 * years.
 */
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

/** The year before the clock, which some devices write; 0 if there is none. */
function yearAt(text: string, at: number): number {
  let year = 0
  for (let i = at; i < at + 4; i++) {
    if (!isDigit(text.charCodeAt(i))) return 0
    year = year * 10 + text.charCodeAt(i) - 0x30
  }
  return text.charCodeAt(at + 4) === 0x20 ? year : 0
}

/** Milliseconds of `hh:mm:ss`; -1 if there is none. */
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
