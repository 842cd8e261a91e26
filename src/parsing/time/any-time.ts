import { APACHE_TIME_LENGTH, ApacheTime } from './apache-time.ts'
import { IsoTime } from './iso-time.ts'

/** The zone is required: without one, `Date.parse` would use the local zone. */
const RFC_2822 = /^(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC|[+-]\d{4})$/

/**
 * Reads the time of a structured event: ISO 8601, Apache's format, RFC 2822, or a number since the epoch. The size of a
 * number determines its unit: seconds below 1e11 (the year 5138), then milliseconds, microseconds and nanoseconds.
 */
export class AnyTime {
  readonly #iso = new IsoTime()
  readonly #apache = new ApacheTime()

  /** Milliseconds since the epoch; NaN if the text is not a time. */
  read(text: string): number {
    if (text === '') return Number.NaN
    const trimmed = text.charCodeAt(0) <= 0x20 || text.charCodeAt(text.length - 1) <= 0x20 ? text.trim() : text
    const iso = this.#iso.read(trimmed)
    if (!Number.isNaN(iso)) return iso
    if (/^-?\d{1,20}(?:\.\d{1,9})?$/.test(trimmed)) return fromEpoch(Number(trimmed))
    if (RFC_2822.test(trimmed)) return Date.parse(trimmed)
    if (trimmed.length === APACHE_TIME_LENGTH) return this.#apache.read(Buffer.from(trimmed, 'latin1'), 0)
    return Number.NaN
  }
}

function fromEpoch(value: number): number {
  const size = Math.abs(value)
  if (size < 1e11) return value * 1000
  if (size < 1e14) return value
  if (size < 1e17) return value / 1e3
  return value / 1e6
}
