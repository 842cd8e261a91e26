import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  OUTCOME_FAILURE,
  OUTCOME_SUCCESS,
  OUTCOME_UNKNOWN,
  RECORD_TRUNCATED,
  type SecurityBlock,
} from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { blockOf } from './blocks.ts'

const JSON_LINES: Sniffed = { format: 'json', framing: 'lines', context: '' }
const NOON = Date.UTC(2024, 2, 1, 12)

function csv(header: string): Sniffed {
  return { format: 'csv', framing: 'csv', context: header }
}

function parse(records: (string | Buffer)[], sniffed: Sniffed, flags?: Uint8Array) {
  const parsed = createParser().parse(blockOf(records, flags === undefined ? {} : { flags }), sniffed)
  return { ...parsed, events: parsed.events as SecurityBlock }
}

function event(events: SecurityBlock, row = 0) {
  return {
    time: events.time[row],
    user: events.user.at(row),
    ip: events.sourceIp.at(row),
    host: events.host.at(row),
    program: events.program.at(row),
    type: events.eventType.at(row),
    action: events.action.at(row),
    message: events.message.at(row),
    outcome: events.outcome[row],
  }
}

function readJson(record: unknown) {
  const { events, rejects } = parse([typeof record === 'string' ? record : JSON.stringify(record)], JSON_LINES)
  expect(rejects).toEqual([])
  return event(events)
}

describe('JSON events', () => {
  it('reads the plain names', () => {
    const record = {
      timestamp: '2024-03-01T12:00:00Z',
      user: 'amy',
      source_ip: '192.0.2.1',
      host: 'web-1',
      event_type: 'login_failed',
      action: 'ssh_login',
      message: 'Failed password',
    }
    expect(readJson(record)).toEqual({
      time: NOON,
      user: 'amy',
      ip: '192.0.2.1',
      host: 'web-1',
      program: '',
      type: 'login_failure',
      action: 'ssh_login',
      message: 'Failed password',
      outcome: OUTCOME_FAILURE,
    })
  })

  it('reads ECS, nested and dotted', () => {
    const nested = {
      '@timestamp': '2024-03-01T12:00:00.000Z',
      user: { name: 'amy' },
      source: { ip: '192.0.2.1' },
      host: { name: 'web-1' },
      process: { name: 'sshd' },
      event: { action: 'ssh_login', outcome: 'success', type: ['start'], category: ['authentication'] },
    }
    const dotted = {
      '@timestamp': '2024-03-01T12:00:00.000Z',
      'user.name': 'amy',
      'source.ip': '192.0.2.1',
      'host.name': 'web-1',
      'process.name': 'sshd',
      'event.action': 'ssh_login',
      'event.outcome': 'success',
    }
    const expected = { time: NOON, user: 'amy', ip: '192.0.2.1', host: 'web-1', program: 'sshd', action: 'ssh_login' }
    expect(readJson(nested)).toMatchObject({ ...expected, type: 'login_success', outcome: OUTCOME_SUCCESS })
    expect(readJson(dotted)).toMatchObject({ ...expected, type: 'login_success', outcome: OUTCOME_SUCCESS })
  })

  it.each([
    [{ ts: 1709294400, username: 'amy', src_ip: '192.0.2.1', msg: 'x' }],
    [{ eventTime: '2024-03-01T12:00:00Z', userName: 'amy', sourceIPAddress: '192.0.2.1', msg: 'x' }],
    [{ time: 1709294400000, login: 'amy', client_ip: '192.0.2.1:50123', description: 'x' }],
    [{ date: '2024-03-01 12:00:00', account: 'amy', remote_addr: '192.0.2.1', details: 'x' }],
  ])('reads other spellings: %j', (record) => {
    expect(readJson(record)).toMatchObject({ time: NOON, user: 'amy', ip: '192.0.2.1', message: 'x', type: 'other' })
  })

  it('prefers the better name where a record has several', () => {
    expect(readJson({ ip: '198.51.100.1', source_ip: '192.0.2.1', user_id: 7, username: 'amy' })).toMatchObject({
      ip: '192.0.2.1',
      user: 'amy',
    })
    expect(readJson({ source_ip: '', ip: '198.51.100.1', message: null }).ip).toBe('198.51.100.1')
  })

  it.each([
    ['LoginFailed', 'login_failure', OUTCOME_FAILURE],
    ['Login Successful', 'login_success', OUTCOME_SUCCESS],
    ['auth-failure', 'login_failure', OUTCOME_FAILURE],
    ['USER_CREATED', 'account_change', OUTCOME_UNKNOWN],
    ['Firewall/Deny', 'firewall_deny', OUTCOME_FAILURE],
    ['data export', 'data_export', OUTCOME_UNKNOWN],
  ])('normalises the type %j to %j', (written, type, outcome) => {
    expect(readJson({ event_type: written })).toMatchObject({ type, outcome })
  })

  it.each([
    [{ event_type: 'login', outcome: 'failure' }, 'login_failure', OUTCOME_FAILURE],
    [{ event_type: 'login', success: true }, 'login_success', OUTCOME_SUCCESS],
    [{ event_type: 'login', success: false }, 'login_failure', OUTCOME_FAILURE],
    [{ event_type: 'login', message: 'Accepted password for amy' }, 'login_success', OUTCOME_SUCCESS],
    [{ event_type: 'login', status: 401 }, 'login_failure', OUTCOME_FAILURE],
    [{ event_type: 'backup', message: 'nightly' }, 'backup', OUTCOME_UNKNOWN],
  ])('derives the outcome of %j', (record, type, outcome) => {
    expect(readJson(record)).toMatchObject({ type, outcome })
  })

  it('keeps text that is not ASCII, and shows what is no UTF-8', () => {
    expect(readJson({ user: 'Zoë', message: 'жук' })).toMatchObject({ user: 'Zoë', message: 'жук' })
    const record = Buffer.concat([Buffer.from('{"user":"a'), Buffer.from([0xff]), Buffer.from('b"}')])
    expect(event(parse([record], JSON_LINES).events).user).toBe('a\ufffdb')
  })

  it('is not confused by names that mean something to JavaScript', () => {
    expect(readJson('{"__proto__":{"user":"x"},"constructor":"y","user":"amy"}').user).toBe('amy')
  })

  it.each([
    ['{"user":', 'not JSON'],
    ['[1]', 'not a JSON object'],
    ['"user"', 'not a JSON object'],
    ['{}', 'has no known field'],
    ['{"colour":"red"}', 'has no known field'],
  ])('rejects %s', (record, reason) => {
    const { events, rejects } = parse([record, '{"user":"amy"}'], JSON_LINES)
    expect(events.count).toBe(1)
    expect(events.lines[0]).toBe(2)
    expect(rejects).toHaveLength(1)
    expect(rejects[0].reason).toContain(reason)
  })
})

describe('CSV events', () => {
  const header = 'timestamp,user,source_ip,event_type,action,message'
  const row = '2024-03-01T12:00:00Z,amy,192.0.2.1,login_failed,web,"said ""no"", twice"'

  it('reads rows by the names of the header, which is no event', () => {
    const { events, skipped } = parse([header, row, ''], csv(header))
    expect([events.count, skipped]).toEqual([1, 2])
    expect(event(events)).toMatchObject({
      time: NOON,
      user: 'amy',
      ip: '192.0.2.1',
      type: 'login_failure',
      action: 'web',
      message: 'said "no", twice',
      outcome: OUTCOME_FAILURE,
    })
    expect(events.raw.at(0)).toBe(row)
  })

  it.each([
    ['Date;User Name;IP Address;Description', '2024-03-01T12:00:00Z;amy;192.0.2.1;x'],
    ['"time"\t"user"\t"ip"\t"msg"', '"1709294400"\t"amy"\t"192.0.2.1"\t"x"'],
    ['time|user|ip|colour|msg', '1709294400|amy|192.0.2.1|red|x'],
  ])('reads another dialect: %s', (names, text) => {
    expect(event(parse([text], csv(names)).events)).toMatchObject({
      time: NOON,
      user: 'amy',
      ip: '192.0.2.1',
      message: 'x',
    })
  })

  it('reads a row that spans lines', () => {
    const { events } = parse(['1709294400,amy,"two\nlines"'], csv('time,user,message'))
    expect(events.message.at(0)).toBe('two\nlines')
  })

  it('leaves quotes that keep to no rule to csv-parse', () => {
    const { events } = parse(['1709294400,amy,the "best" one'], csv('time,user,message'))
    expect(events.message.at(0)).toBe('the "best" one')
  })

  it('gives delimiters that nobody quoted to the message where that is the last column', () => {
    const { events } = parse(['1709294400,amy,one, two, three'], csv('time,user,message'))
    expect(events.message.at(0)).toBe('one, two, three')
  })

  it.each([
    ['time,user,message', '1709294400,amy', '2 fields, the header has 3'],
    ['time,message,user', '1709294400,a,b,c', '4 fields, the header has 3'],
    ['time,user,message', '1709294400,amy,"open', 'quotes'],
    ['colour,size', 'red,7', 'no CSV header'],
  ])('under %s rejects %s', (names, text, reason) => {
    const { events, rejects } = parse([text], csv(names))
    expect(events.count).toBe(0)
    expect(rejects[0].reason).toContain(reason)
  })

  it('reads what is there of a row that was cut at the limit', () => {
    const flags = Uint8Array.of(RECORD_TRUNCATED)
    const { events } = parse(['1709294400,amy,"a long me'], csv('time,user,message'), flags)
    expect(events.count).toBe(1)
  })
})

describe('CSV cells', () => {
  it('come back as they were written, quoted where they need it or everywhere', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'ab,";\'é \t'), maxLength: 6 }).map((text) => text.trim())
    const row = fc.record({ user: cell, message: cell, always: fc.boolean() })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const lines = rows.map(({ user, message, always }) => {
          const written = (text: string) => (always || /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
          return `2024-03-01T12:00:00Z,${written(user)},${written(message)}`
        })
        const { events, rejects } = parse(lines, csv('time,user,message'))
        expect(rejects).toEqual([])
        const expected = rows.map(({ user, message }) => ({ time: NOON, user, message }))
        expect(rows.map((_, i) => event(events, i))).toMatchObject(expected)
      }),
    )
  })
})
