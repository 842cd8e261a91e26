import { daysIn, utc } from './apache-time.ts'

/**
 * Reads ISO 8601 and common variants: `2024-03-01T12:00:00Z`; a space or `_` instead of T; slashes instead of dashes;
 * fractions after a dot or comma; zones `Z`, `+0100`, `+01:00`, `+01`, `UTC`. A time without a zone is UTC; a date
 * alone is midnight. The midnight of the last date is cached.
 */
export class IsoTime {
  /** Position after the last time read. */
  end = 0
  #date = -1
  #midnight = Number.NaN

  /** Milliseconds since the epoch; NaN if the whole text is not a time. */
  read(text: string): number {
    const time = this.readAt(text, 0)
    return this.end === text.length ? time : Number.NaN
  }

  /** Reads the time at `at`; afterwards `end` is the position after it. NaN if there is none. */
  readAt(text: string, at: number): number {
    this.end = at
    const year = digits(text, at, 4)
    const month = digits(text, at + 5, 2)
    const day = digits(text, at + 8, 2)
    const dash = text.charCodeAt(at + 4)
    if ((dash !== 0x2d && dash !== 0x2f) || text.charCodeAt(at + 7) !== dash) return Number.NaN
    if (year < 0 || month < 1 || month > 12 || day < 1) return Number.NaN
    const date = (year * 12 + month) * 32 + day
    if (date !== this.#date) {
      if (day > daysIn(year, month - 1)) return Number.NaN
      this.#midnight = utc(year, month - 1, day)
      this.#date = date
    }
    this.end = at + 10
    const separator = text.charCodeAt(at + 10)
    const hour = digits(text, at + 11, 2)
    if ((separator | 0x20) !== 0x74 && separator !== 0x20 && separator !== 0x5f) return this.#midnight
    if (hour < 0) return this.#midnight
    return this.#midnight + this.#clock(text, at + 11, hour)
  }

  /** Milliseconds since midnight UTC, which may be negative or more than a day. */
  #clock(text: string, at: number, hour: number): number {
    const minute = digits(text, at + 3, 2)
    if (hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(at + 2) !== 0x3a) return Number.NaN
    this.end = at + 5
    let ms = (hour * 60 + minute) * 60_000
    if (text.charCodeAt(at + 5) === 0x3a) {
      const second = digits(text, at + 6, 2)
      if (second < 0 || second > 60) return Number.NaN
      this.end = at + 8
      ms += second * 1000
      const point = text.charCodeAt(at + 8)
      if (point === 0x2e || point === 0x2c) ms += this.#fraction(text, at + 9)
    }
    return ms - this.#zone(text)
  }

  #fraction(text: string, at: number): number {
    let ms = 0
    let scale = 100
    let i = at
    for (; i < text.length; i++) {
      const digit = text.charCodeAt(i) - 0x30
      if (!(digit >= 0 && digit <= 9)) break
      if (i < at + 3) ms += digit * scale
      scale /= 10
    }
    if (i > at) this.end = i
    return ms
  }

  #zone(text: string): number {
    const at = this.end
    const sign = text.charCodeAt(at)
    if ((sign | 0x20) === 0x7a) {
      this.end = at + 1
      return 0
    }
    if (text.startsWith(' UTC', at) || text.startsWith(' GMT', at)) {
      this.end = at + 4
      return 0
    }
    // A space may precede a numeric zone: `2024-03-01 12:00:00 +0100`.
    const zoneAt = sign === 0x20 && isSign(text.charCodeAt(at + 1)) ? at + 1 : at
    if (!isSign(text.charCodeAt(zoneAt))) return 0
    const hours = digits(text, zoneAt + 1, 2)
    if (hours < 0 || hours > 15) return 0
    const colon = text.charCodeAt(zoneAt + 3) === 0x3a ? 1 : 0
    const minutes = digits(text, zoneAt + 3 + colon, 2)
    this.end = minutes < 0 ? zoneAt + 3 : zoneAt + 5 + colon
    const offset = (hours * 60 + Math.max(0, minutes)) * 60_000
    return text.charCodeAt(zoneAt) === 0x2d ? -offset : offset
  }
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d
}

/** `count` digits as a number; -1 if one of them is not a digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}
