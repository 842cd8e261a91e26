import { describe, expect, it } from 'vitest'
import { type HttpBlock, RECORD_TRUNCATED } from '../../src/core/columns/block.ts'
import type { Sniffed } from '../../src/core/parsed.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { blockOf } from './blocks.ts'

const ACCESS: Sniffed = { format: 'access', framing: 'lines', context: '' }
const VHOST: Sniffed = { ...ACCESS, context: 'vhost' }

function parse(records: (string | Buffer)[], sniffed = ACCESS, flags?: Uint8Array) {
  const block = blockOf(records, flags === undefined ? {} : { flags })
  const parsed = createParser().parse(block, sniffed)
  return { ...parsed, events: parsed.events as HttpBlock }
}

function read(record: string | Buffer, sniffed = ACCESS) {
  const { events, rejects } = parse([record], sniffed)
  expect(rejects).toEqual([])
  expect(events.count).toBe(1)
  return {
    vhost: events.vhost.at(0),
    client: events.client.at(0),
    user: events.user.at(0),
    time: events.time[0],
    method: events.method.at(0),
    target: events.target.at(0),
    protocol: events.protocol.at(0),
    status: events.status[0],
    bytes: events.bytes[0],
    referer: events.referer.at(0),
    userAgent: events.userAgent.at(0),
  }
}

const line = (request: string, tail = '200 5 "-" "curl/8"') =>
  `192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "${request}" ${tail}`

describe('access logs', () => {
  it('reads every field of the Combined format', () => {
    const text =
      '2001:db8::1 - bob [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 304 2326 "http://example.com/" "Mozilla/5.0 (X11)"'
    expect(read(text)).toEqual({
      vhost: '',
      client: '2001:db8::1',
      user: 'bob',
      time: Date.UTC(2000, 9, 10, 20, 55, 36),
      method: 'GET',
      target: '/a?b=c',
      protocol: 'HTTP/1.1',
      status: 304,
      bytes: 2326,
      referer: 'http://example.com/',
      userAgent: 'Mozilla/5.0 (X11)',
    })
  })

  it('reads the Common format and leaves absent values empty', () => {
    const text = 'host.example - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 -'
    expect(read(text)).toMatchObject({ client: 'host.example', user: '', bytes: -1, referer: '', userAgent: '' })
  })

  it('reads the virtual host of vhost_combined, and lines without one in the same file', () => {
    const text = line('GET / HTTP/1.1')
    expect(read(`shop.example:443 ${text}`, VHOST)).toMatchObject({ vhost: 'shop.example:443', client: '192.0.2.1' })
    expect(read(text, VHOST)).toMatchObject({ vhost: '', client: '192.0.2.1' })
  })

  it('keeps a user name with blanks whole', () => {
    expect(read('192.0.2.1 - john q doe [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 1')).toMatchObject({
      client: '192.0.2.1',
      user: 'john q doe',
    })
  })

  it('does not take a user name with blanks for a virtual host', () => {
    expect(read('192.0.2.1 - john doe [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 1', VHOST)).toMatchObject({
      vhost: '',
      client: '192.0.2.1',
      user: 'john doe',
    })
  })

  it.each(['x [', 'x [1', '[a] [b', '- [10/Oct/2000:13:55:36 +0000] x'])(
    'is not blinded by the user name %j',
    (user) => {
      const text = `192.0.2.1 - ${user} [11/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 1`
      expect(read(text)).toMatchObject({ user, target: '/a', time: Date.UTC(2000, 9, 11, 13, 55, 36) })
    },
  )

  it('reads a time in ISO 8601, as nginx can write it', () => {
    expect(read('192.0.2.1 - - [2024-03-01T12:00:00+01:00] "GET / HTTP/1.1" 200 1').time).toBe(Date.UTC(2024, 2, 1, 11))
  })

  it('reads a user agent that ends in a backslash which escapes nothing', () => {
    expect(read(line('GET / HTTP/1.1', '200 5 "-" "C:\\"')).userAgent).toBe('C:\\')
  })

  it('does not end a field at an escaped quote', () => {
    const text = line('GET /?q=\\"x\\" HTTP/1.1', '200 5 "http://a/\\" b" "agent \\"quoted\\" end"')
    expect(read(text)).toMatchObject({
      target: '/?q=\\"x\\"',
      referer: 'http://a/\\" b',
      userAgent: 'agent \\"quoted\\" end',
    })
  })

  it('reads a user agent whose quotes nobody escaped', () => {
    expect(read(line('GET / HTTP/1.1', '200 5 "-" "x" y" z"')).userAgent).toBe('x')
    expect(read(line('GET / HTTP/1.1', '200 5 "-" "x"y"z"')).userAgent).toBe('x"y"z')
  })

  it('keeps the blanks inside a target', () => {
    expect(read(line('GET /?id=1 union select 2 HTTP/1.1'))).toMatchObject({
      method: 'GET',
      target: '/?id=1 union select 2',
      protocol: 'HTTP/1.1',
    })
  })

  it.each([
    ['a TLS hello', '\\x16\\x03\\x01\\x02', '\\x16\\x03\\x01\\x02'],
    ['one word', 'hello', 'hello'],
    ['an empty request', '', ''],
    ['an absent request', '-', ''],
  ])('keeps %s as an event without a method', (_, request, target) => {
    expect(read(line(request, '400 0 "-" "-"'))).toMatchObject({ method: '', target, protocol: '', status: 400 })
  })

  it('reads HTTP/0.9, which has no protocol', () => {
    expect(read(line('GET /index.html'))).toMatchObject({ method: 'GET', target: '/index.html', protocol: '' })
  })

  it('tolerates fields after the user agent', () => {
    expect(read(line('GET / HTTP/1.1', '200 5 "-" "curl/8" "203.0.113.9" 0.003')).userAgent).toBe('curl/8')
  })

  it('shows invalid UTF-8 as replacement characters and keeps valid UTF-8', () => {
    const [before, after] = line('GET /ä? HTTP/1.1').split('?')
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)])
    expect(read(bytes).target).toBe('/ä\ufffd')
  })

  it('skips NULs and a byte order mark before a line', () => {
    expect(read(`\0\0\0${line('GET / HTTP/1.1')}`).client).toBe('192.0.2.1')
    expect(read(`\ufeff${line('GET / HTTP/1.1')}`).client).toBe('192.0.2.1')
  })

  it('reads what is there of a line that was cut at the limit', () => {
    const { events, rejects } = parse([line('GET /aaaa', '').slice(0, -2)], ACCESS, Uint8Array.of(RECORD_TRUNCATED))
    expect(rejects).toEqual([])
    expect(events.target.at(0)).toBe('/aaaa')
    expect(events.status[0]).toBe(0)
  })

  it.each([
    ['Hello world', 'no "["'],
    ['192.0.2.1 - - [today] "GET / HTTP/1.1" 200 5', 'the time is not of the form'],
    ['192.0.2.1 - - [31/Feb/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 5', 'the time is not of the form'],
    ['192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] GET / 200 5', 'no quoted request'],
    ['192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1', 'the request has no closing quote'],
    ['192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 20', 'no status of three digits'],
    ['192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 x', 'the size is neither'],
  ])('rejects %j and says where it broke', (text, reason) => {
    const { events, rejects } = parse([text])
    expect(events.count).toBe(0)
    expect(rejects).toHaveLength(1)
    expect(rejects[0]).toMatchObject({ line: 1, offset: 0, length: text.length, text })
    expect(rejects[0].reason).toContain(reason)
    expect(rejects[0].reason).toMatch(/column \d+/)
  })

  it('counts blank lines as neither parsed nor rejected', () => {
    const { events, rejects, skipped } = parse([line('GET / HTTP/1.1'), '', '  \r', line('GET /2 HTTP/1.1')])
    expect([events.count, rejects.length, skipped]).toEqual([2, 0, 2])
    expect([...events.lines]).toEqual([1, 4])
    expect(events.raw.at(1)).toBe(line('GET /2 HTTP/1.1'))
  })
})
