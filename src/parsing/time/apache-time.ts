/** Lower-case month names packed into 24 bits, so that comparing a month is one integer comparison. */
const MONTHS = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map((name, index) => [
    pack(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)),
    index,
  ]),
)

function pack(a: number, b: number, c: number): number {
  return ((a | 0x20) << 16) | ((b | 0x20) << 8) | (c | 0x20)
}

/** 0 to 11 for the three letters of a month's name in any case; -1 for anything else. */
export function monthOf(a: number, b: number, c: number): number {
  return MONTHS.get(pack(a, b, c)) ?? -1
}

/** Days of a month, 0-based, in the Gregorian calendar. */
export function daysIn(year: number, month: number): number {
  if (month === 1) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31
}

/** Length of `10/Oct/2000:13:55:36 +0000`. */
export const APACHE_TIME_LENGTH = 26

/**
 * Reads the time of Apache and nginx logs. It caches the midnight of the last date and zone, which consecutive lines
 * nearly always share; then a time costs six digits and two multiplications.
 */
export class ApacheTime {
  #day = -1
  #month = -1
  #year = -1
  #zone = -1
  #sign = -1
  #midnight = Number.NaN

  /** Milliseconds since the epoch; NaN if the 26 bytes at `at` are not a time. */
  read(bytes: Uint8Array, at: number): number {
    const hour = two(bytes, at + 12)
    const minute = two(bytes, at + 15)
    const second = two(bytes, at + 18)
    // A leap second is logged as :60.
    if (hour > 23 || minute > 59 || second > 60) return Number.NaN
    const day = two(bytes, at)
    const month = (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]
    const year = two(bytes, at + 7) * 100 + two(bytes, at + 9)
    const zone = two(bytes, at + 22) * 100 + two(bytes, at + 24)
    const sign = bytes[at + 21]
    if (
      day !== this.#day ||
      month !== this.#month ||
      year !== this.#year ||
      zone !== this.#zone ||
      sign !== this.#sign ||
      !punctuated(bytes, at)
    ) {
      const midnight = punctuated(bytes, at) ? midnightOf(day, month, year, zone, sign) : Number.NaN
      if (Number.isNaN(midnight)) return midnight
      this.#day = day
      this.#month = month
      this.#year = year
      this.#zone = zone
      this.#sign = sign
      this.#midnight = midnight
    }
    return this.#midnight + (hour * 3600 + minute * 60 + second) * 1000
  }
}

/** Two digits as a number; 10,000 if they are not digits, which fails every range check. */
function two(bytes: Uint8Array, at: number): number {
  // Only the codes of digits, 0x30 to 0x39, become 9 or less.
  const tens = bytes[at] ^ 0x30
  const ones = bytes[at + 1] ^ 0x30
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 10_000
}

function punctuated(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at + 2] === 0x2f &&
    bytes[at + 6] === 0x2f &&
    bytes[at + 11] === 0x3a &&
    bytes[at + 14] === 0x3a &&
    bytes[at + 17] === 0x3a &&
    bytes[at + 20] === 0x20
  )
}

function midnightOf(day: number, packedMonth: number, year: number, zone: number, sign: number): number {
  const month = monthOf(packedMonth >> 16, (packedMonth >> 8) & 0xff, packedMonth & 0xff)
  const zoneMinutes = Math.floor(zone / 100) * 60 + (zone % 100)
  if (month < 0 || year > 9999 || zone > 1500 || (sign !== 0x2b && sign !== 0x2d)) return Number.NaN
  if (day < 1 || day > daysIn(year, month)) return Number.NaN
  return utc(year, month, day) - (sign === 0x2b ? zoneMinutes : -zoneMinutes) * 60_000
}

/** Midnight UTC of a day. `Date.UTC` would read the years 0 to 99 as 1900 to 1999. */
export function utc(year: number, month: number, day: number): number {
  if (year >= 100) return Date.UTC(year, month, day)
  return new Date(Date.UTC(2000, month, day)).setUTCFullYear(year)
}
