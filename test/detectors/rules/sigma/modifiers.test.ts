import { describe, expect, it } from 'vitest'
import type { FieldValue } from '../../../../src/detectors/rules/sigma/expression.ts'
import { parseSigma } from '../../../../src/detectors/rules/sigma/parse.ts'
import { fieldRule, matches } from './matches.ts'

/** An entry of a map, values of field `f` that match it, and values that do not. */
type Case = readonly [entry: string, yes: readonly FieldValue[], no: readonly FieldValue[]]

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64')

const CASES: readonly Case[] = [
  // Values, wildcards and escapes.
  ['f: Cmd.exe', ['cmd.exe', 'CMD.EXE'], ['xcmd.exe', 'cmd.exe ']],
  ['f: 4624', [4624, '4624'], [46240, '04624']],
  ['f: 00000429', ['00000429'], ['429', 429]],
  ['f: true', [true, 'true', 'True'], [false, 'yes']],
  ["f: 'a*c'", ['ac', 'abc', 'aXXc'], ['abcd', 'xac']],
  ["f: 'a?c'", ['abc'], ['ac', 'abbc']],
  ["f: 'a\\*c'", ['a*c'], ['abc']],
  ["f: 'a\\\\*'", ['a\\', 'a\\x'], ['a*', 'ax']],
  ["f: 'a\\\\\\*'", ['a\\*'], ['a\\x']],
  ["f: 'C:\\Windows'", ['c:\\windows'], ['c:windows']],
  ["f: ['one', 'two']", ['one', 'TWO'], ['three']],
  ["f: ''", ['', undefined], ['x']],
  ['f: null', [undefined, null], ['x']],
  ['f: Ärger', ['ärger', 'ÄRGER'], ['arger']],
  // Places.
  ['f|contains: mid', ['a mid b', 'MID'], ['mi d']],
  ['f|startswith: pre', ['prefix', 'PRE'], ['a pre']],
  ["f|endswith: '\\cmd.exe'", ['c:\\cmd.exe'], ['cmd.exe', '\\cmd.exe.bak']],
  ["f|contains|all: ['one', 'two']", ['two one'], ['one']],
  ["f|contains: ['one', 'two']", ['one'], ['three']],
  ['f|cased: Case', ['Case'], ['case', 'CASE']],
  ['f|contains|cased: Case', ['a Case'], ['a case']],
  ['f|startswith|cased: Ca', ['Case'], ['case']],
  ['f|neq: a', ['b'], ['a', 'A']],
  ["f|neq: ['a', 'b']", ['c'], ['a', 'b']],
  // Regular expressions.
  ["f|re: '^a.c$'", ['abc'], ['ABC', 'a\nc', 'xabc']],
  ["f|re|i: '^a.c$'", ['ABC'], ['abd']],
  ["f|re|m: '^b$'", ['a\nb\nc'], ['abc']],
  ["f|re|s: 'a.c'", ['a\nc'], ['ac']],
  ["f|re|i|s: 'A.C'", ['a\nc'], ['abd']],
  // Encodings.
  ['f|base64: foo', [base64('foo')], ['foo']],
  ['f|base64|contains: foo', [`x ${base64('foo')} y`], ['foo']],
  [
    'f|base64offset|contains: /bin/bash',
    ['x', 'xy', 'xyz'].map((head) => base64(`${head}/bin/bash -i`)),
    [base64('/bin/sh')],
  ],
  [
    'f|wide|base64offset|contains: ping',
    ['', 'x', 'xy'].map((head) => base64(`${head}ping me`, 'utf16le')),
    [base64('ping me')],
  ],
  ['f|utf16le|base64: cmd', [base64('cmd', 'utf16le')], [base64('cmd')]],
  ['f|utf16be|base64: cmd', [Buffer.from('cmd', 'utf16le').swap16().toString('base64')], [base64('cmd', 'utf16le')]],
  ['f|utf16|base64: cmd', [base64('\ufeffcmd', 'utf16le')], [base64('cmd', 'utf16le')]],
  ["f|windash|contains: ' -s '", ['x -s y', 'x /s y', 'x \u2013s y', 'x \u2014s y', 'x \u2015s y'], ['x s y']],
  ["f|contains|windash: '/s'", ['x -s y'], ['x s']],
  // Numbers and addresses.
  ['f|gt: 10', [11, '11', 10.5], [10, '10', 'x', '']],
  ['f|gte: 10', [10, '10'], [9]],
  ['f|lt: 10', [9, '-1'], [10, '', undefined]],
  ['f|lte: 10', [10], [10.1]],
  ['f|cidr: 192.168.0.0/23', ['192.168.1.255'], ['192.168.2.0', 'x', '::1']],
  ['f|cidr: 2001:db8::/32', ['2001:db8::1', '2001:0DB8:ffff::'], ['2001:db9::1', '192.0.2.1']],
  ["f|cidr: ['10.0.0.0/8', 'fe80::/10']", ['10.1.1.1', 'febf::1'], ['fec0::1']],
  ['f|cidr: ::ffff:0:0/96', ['::ffff:192.0.2.1'], ['::fffe:192.0.2.1']],
  // Existence.
  ['f|exists: true', ['x', '', 0], [undefined]],
  ['f|exists: false', [undefined], ['x', '']],
  // Parts of a time, UTC.
  ['f|minute: 30', ['2026-03-31T12:30:00Z'], ['2026-03-31T12:31:00Z', 'x']],
  ['f|hour: 12', ['2026-03-31T12:30:00Z', Date.UTC(2026, 2, 31, 12)], ['2026-03-31T13:30:00Z']],
  ['f|hour|lt: 6', ['2026-03-31T05:59:59Z'], ['2026-03-31T06:00:00Z']],
  ['f|hour|gte: 22', ['2026-03-31T22:00:00Z'], ['2026-03-31T21:59:00Z']],
  ['f|day: 31', ['2026-03-31T12:30:00Z'], ['2026-03-30T12:30:00Z']],
  ['f|week: 14', ['2026-03-31T12:30:00Z'], ['2026-03-22T12:30:00Z']],
  ['f|month: 3', ['2026-03-31T12:30:00Z'], ['2026-04-01T00:00:00Z']],
  ['f|year: 2026', ['2026-03-31T12:30:00Z'], ['2025-12-31T23:59:59Z']],
]

describe('a field with modifiers', () => {
  it.each(CASES)('%s', (entry, yes, no) => {
    for (const f of yes) expect(matches(fieldRule(entry), { f }), `should match ${String(f)}`).toBe(true)
    for (const f of no) expect(matches(fieldRule(entry), { f }), `should not match ${String(f)}`).toBe(false)
  })

  it('compares with another field of the event', () => {
    expect(matches(fieldRule('f|fieldref: g'), { f: 'A', g: 'a' })).toBe(true)
    expect(matches(fieldRule('f|fieldref: g'), { f: 'A', g: 'b' })).toBe(false)
    expect(matches(fieldRule('f|fieldref|neq: g'), { f: 'A', g: 'b' })).toBe(true)
    expect(matches(fieldRule('f|fieldref|startswith: g'), { f: 'abc', g: 'ab' })).toBe(true)
    expect(matches(fieldRule('f|fieldref|endswith: g'), { f: 'abc', g: 'bc' })).toBe(true)
    expect(matches(fieldRule('f|fieldref|contains: g'), { f: 'abc', g: 'x' })).toBe(false)
    expect(matches(fieldRule('f|fieldref: g'), { f: 'a', g: undefined })).toBe(false)
  })

  it('takes placeholders for their values only with expand, and a percent sign after a backslash as it is', () => {
    const placeholders = { admins: ['ann', 'adm_*'], name: ['x'] }
    const expanded = fieldRule("f|expand: '%admins%'")
    expect(['ann', 'ADM_bob', '%admins%'].map((f) => matches(expanded, { f }, { placeholders }))).toEqual([
      true,
      true,
      false,
    ])
    expect(matches(fieldRule("f: '%admins%'"), { f: '%admins%' }, { placeholders })).toBe(true)
    expect(matches(fieldRule("f|expand: '\\%plain%name%'"), { f: '%plainx' }, { placeholders })).toBe(true)
    const [rule] = parseSigma(expanded, 'test.yml')
    expect(rule).toMatchObject({ unfilled: ['admins'] })
  })

  it.each([
    ['f|containz: x', /"containz" in "f\|containz" is not a supported Sigma modifier/],
    ['f|re|cidr: x', /cannot be combined/],
    ['f|exists: maybe', /takes true or false/],
    ['f|gt: much', /needs a number/],
    ['f|cidr: 10.0.0.0/33', /invalid prefix length/],
    ["f|re: '(?=a)b'", /cannot run in linear time/],
    ["f|base64: 'a*'", /cannot be encoded/],
    ['f: {a: b}', /neither text, number, boolean nor null/],
    ['f: []', /has no values/],
  ])('is refused with a reason: %s', (entry, reason) => {
    expect(() => parseSigma(fieldRule(entry), 'test.yml')).toThrow(reason)
  })
})
