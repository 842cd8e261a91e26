import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnyTime } from '../../../src/parsing/time/any-time.ts'
import { ApacheTime } from '../../../src/parsing/time/apache-time.ts'
import { IsoTime } from '../../../src/parsing/time/iso-time.ts'
import { SyslogTime } from '../../../src/parsing/time/syslog-time.ts'
import { LogTimes } from '../../support/generate/times.ts'
import { SOURCE } from '../blocks.ts'

const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })

describe('times', () => {
  it('reads whatever Apache writes until the year 9999, in any order', () => {
    const reader = new ApacheTime()
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (second) => {
        expect(reader.read(Buffer.from(new LogTimes().apache(second)), 0)).toBe(second * 1000)
      }),
    )
  })

  it('counts the zone of an Apache time', () => {
    const reader = new ApacheTime()
    const read = (text: string) => reader.read(Buffer.from(text), 0)
    expect(read('01/Jan/2024:00:30:00 +0530')).toBe(Date.UTC(2023, 11, 31, 19))
    expect(read('01/Jan/2024:00:30:00 -0530')).toBe(Date.UTC(2024, 0, 1, 6))
    expect(read('01/Jan/2024:00:30:00 +0000')).toBe(Date.UTC(2024, 0, 1, 0, 30))
  })

  it.each([
    '31/Feb/2024:00:00:00 +0000',
    '29/Feb/2023:00:00:00 +0000',
    '00/Jan/2024:00:00:00 +0000',
    '01/Foo/2024:00:00:00 +0000',
    '01/Jan/2024:24:00:00 +0000',
    '01/Jan/2024:00:60:00 +0000',
    '01/Jan/2024 00:00:00 +0000',
    '01/Jan/2024:00:00:00 *0000',
    '01/Jan/2024:00:00:0x +0000',
  ])('finds no time in %s, also after a good one', (text) => {
    const reader = new ApacheTime()
    reader.read(Buffer.from('01/Jan/2024:00:00:00 +0000'), 0)
    expect(reader.read(Buffer.from(text), 0)).toBeNaN()
  })

  it('reads whatever Date writes in ISO 8601', () => {
    const reader = new IsoTime()
    fc.assert(
      fc.property(seconds, fc.nat(999), (second, ms) => {
        const date = new Date(second * 1000 + ms)
        expect(reader.read(date.toISOString())).toBe(date.getTime())
      }),
    )
  })

  it.each([
    ['2024-03-01T12:00:00', Date.UTC(2024, 2, 1, 12)],
    ['2024-03-01 12:00:00,123', Date.UTC(2024, 2, 1, 12, 0, 0, 123)],
    ['2024-03-01 12:00:00 +0100', Date.UTC(2024, 2, 1, 11)],
    ['2024-03-01T12:00:00.123456789-03:30', Date.UTC(2024, 2, 1, 15, 30, 0, 123)],
    ['2024/03/01 12:00:00 UTC', Date.UTC(2024, 2, 1, 12)],
    ['2024-03-01T12:00Z', Date.UTC(2024, 2, 1, 12)],
    ['2024-03-01', Date.UTC(2024, 2, 1)],
    ['1709294400', Date.UTC(2024, 2, 1, 12)],
    ['1709294400.5', Date.UTC(2024, 2, 1, 12) + 500],
    ['1709294400123', Date.UTC(2024, 2, 1, 12) + 123],
    ['1709294400123456', Date.UTC(2024, 2, 1, 12) + 123.456],
    ['01/Mar/2024:12:00:00 +0000', Date.UTC(2024, 2, 1, 12)],
    ['Fri, 01 Mar 2024 13:00:00 +0100', Date.UTC(2024, 2, 1, 12)],
    [' 2024-03-01T12:00:00Z ', Date.UTC(2024, 2, 1, 12)],
  ])('reads %s in a structured event', (text, expected) => {
    expect(new AnyTime().read(text)).toBe(expected)
  })

  it.each([
    '',
    'yesterday',
    '2024-13-01',
    '2024-02-30',
    '2024-03-01T25:00:00Z',
    '2024-03-01x',
    'NaN',
    'Infinity',
    '0x10',
  ])('finds no time in %j', (text) => {
    expect(new AnyTime().read(text)).toBeNaN()
  })
})

describe("syslog's missing year", () => {
  const at = (text: string, modifiedAt: number) => new SyslogTime().readAt(text, 0, { ...SOURCE, modifiedAt })

  it('is the year of the file where that is in the past', () => {
    expect(at('Mar  7 06:25:24', Date.UTC(2024, 5, 1))).toBe(Date.UTC(2024, 2, 7, 6, 25, 24))
  })

  it('is the year before for lines of December in a file of January', () => {
    expect(at('Dec 31 23:59:59', Date.UTC(2024, 0, 2))).toBe(Date.UTC(2023, 11, 31, 23, 59, 59))
  })

  it('is the next year for lines of New Year in a file last seen on the old one', () => {
    expect(at('Jan  1 00:00:05', Date.UTC(2023, 11, 31, 23, 59))).toBe(Date.UTC(2024, 0, 1, 0, 0, 5))
  })

  it('looks back to a leap year for 29 February', () => {
    expect(at('Feb 29 12:00:00', Date.UTC(2026, 5, 1))).toBe(Date.UTC(2024, 1, 29, 12))
    expect(at('Feb 29 12:00:00', Date.UTC(2103, 5, 1))).toBe(Date.UTC(2096, 1, 29, 12))
  })

  it('does not mind a clock that goes back', () => {
    const reader = new SyslogTime()
    const source = { ...SOURCE, modifiedAt: Date.UTC(2024, 2, 10) }
    expect(reader.readAt('Mar 10 03:00:00', 0, source)).toBe(Date.UTC(2024, 2, 10, 3))
    expect(reader.readAt('Mar 10 02:00:00', 0, source)).toBe(Date.UTC(2024, 2, 10, 2))
    expect(reader.readAt('Mar  9 23:00:00', 0, source)).toBe(Date.UTC(2024, 2, 9, 23))
  })

  it('is never later than a day after the file, and never a year earlier than it could be', () => {
    const reader = new SyslogTime()
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_799 }),
        fc.integer({ min: 0, max: 360 * 86_400 }),
        (second, age) => {
          const modifiedAt = (second + age - 86_000) * 1000
          const time = reader.readAt(new LogTimes().syslog(second), 0, { ...SOURCE, modifiedAt })
          expect(time).toBe(second * 1000)
        },
      ),
    )
  })
})
