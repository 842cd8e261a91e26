import { describe, expect, it } from 'vitest'
import { sniff, withOverrides } from '../../src/parsing/sniff.ts'
import { foreign } from '../../src/reading/problems.ts'

const COMBINED = '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 5 "-" "curl/8"'
const SYSLOG = 'Mar  7 06:25:24 web-1 sshd[99]: hello'
const look = (text: string | Buffer, path = 'some.file') => sniff(Buffer.from(text as string), path)

describe('sniffing', () => {
  it.each([
    ['access', 'lines', `${COMBINED}\n${COMBINED}\n`],
    ['access', 'lines', COMBINED],
    ['syslog', 'lines', `${SYSLOG}\n`],
    ['syslog', 'lines', '<34>1 2017-03-07T06:25:24Z web-1 sshd 99 - - x\n'],
    ['syslog', 'lines', '2017-03-07T06:25:24.123456+00:00 web-1 sshd[9]: x\n'],
    ['json', 'lines', '{"user":"amy"}\n{"user":"bob"}\n'],
    ['json', 'json-array', '[\n  {"user":"amy"},\n'],
    ['json', 'json-array', '\ufeff [{"user":"amy"}]'],
    ['json', 'json-array', '[]'],
    ['json', 'json-array', '{\n  "user": "amy"\n}\n{\n  "user": "bob"\n}\n'],
    ['csv', 'csv', 'timestamp,user,message\n1,amy,x\n'],
    ['unknown', 'lines', 'Dear diary,\ntoday I wrote a parser.\n'],
    ['unknown', 'lines', '[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6\n'],
    ['unknown', 'lines', 'colour,size\nred,7\n'],
    ['unknown', 'lines', ''],
    ['unknown', 'lines', '\n\n'],
  ])('tells %s (%s) from %j', (format, framing, text) => {
    expect(look(text)).toMatchObject({ format, framing })
  })

  it('does not go by the name', () => {
    expect(look(`${COMBINED}\n`, 'auth.log').format).toBe('access')
    expect(look(`${SYSLOG}\n`, 'access.json').format).toBe('syslog')
  })

  it('looks past garbage and holes at the beginning', () => {
    expect(look(`rubbish\n${COMBINED}\n${COMBINED}\n`).format).toBe('access')
    expect(look(`${'\0'.repeat(5000)}${COMBINED}\n`).format).toBe('access')
  })

  it('remembers virtual hosts and the header of a CSV file', () => {
    expect(look(`shop.example:80 ${COMBINED}\n`).context).toBe('vhost')
    expect(look(`${COMBINED.replace('- -', '- john doe')}\n`).context).toBe('')
    expect(look('timestamp,user,message\r\n1,amy,x\r\n').context).toBe('timestamp,user,message')
  })

  it('knows what is no text', () => {
    expect(look(Buffer.from([0x1f, 0x8b, 8, 0, 65, 66, 67, 68, 69, 70])).format).toBe('binary')
    expect(look(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 151) & 255))).format).toBe('binary')
  })

  it.each([0, 1, 5, 60, 200, COMBINED.length + 1])('tells a log with a hole of 1 MB after %i bytes', (at) => {
    const text = Buffer.from(`${COMBINED}\n`.repeat(30))
    const damaged = Buffer.concat([text.subarray(0, at), Buffer.alloc(1024 * 1024), text.subarray(at)])
    expect(look(damaged).format).toBe('access')
    expect(look(damaged.subarray(0, 4096)).format).not.toBe('binary')
  })

  it('knows records of logins, however many NULs they begin with', () => {
    const lastlog = Buffer.alloc(292 * 40)
    lastlog.writeUInt32LE(1_780_000_123, 292 * 30)
    lastlog.write('pts/0', 292 * 30 + 4)
    lastlog.write('192.0.2.1', 292 * 30 + 36)
    expect(look(lastlog).format).toBe('binary')
    const wtmp = Buffer.alloc(384)
    wtmp.writeUInt32LE(2, 0)
    wtmp.write('~', 8)
    wtmp.write('reboot', 44)
    wtmp.write('6.1.0-13-amd64', 76)
    expect(look(wtmp).format).toBe('binary')
  })

  it.each([
    ['encrypted', 'Salted__xxxxxxxxxx'],
    ['encrypted', 'age-encryption.org/v1\n-> X25519 abc\n'],
    ['unsupported_compression', '\xfd7zXZ\0abc'],
    ['unsupported_compression', 'BZh91AY&SYabc'],
    ['unsupported_compression', 'PK\x03\x04\x14\0\0\0abc'],
    ['encrypted', 'PK\x03\x04\x14\0\x01\0abc'],
    ['binary', 'SQLite format 3\0abc'],
    ['binary', 'LPKSHHRH\0\0abc'],
    ['binary', '\xff\xd8\xff\xe0\0\x10JFIF'],
    ['binary', `${'name'.padEnd(257, '\0')}ustar`],
  ])('knows %s content: %j', (kind, text) => {
    const head = Buffer.from(text, 'latin1')
    expect(look(head).format).toBe('binary')
    expect(foreign(head)).toMatch(new RegExp(`^${kind}: `))
  })

  it('takes the word of an override for a file that its glob matches, and still looks for the details', () => {
    const overridden = withOverrides([
      { glob: '**/odd/*.txt', format: 'plain' },
      { glob: '*.web', format: 'access' },
      { glob: '*.txt', format: 'csv' },
    ])
    const head = Buffer.from(`shop.example:80 ${COMBINED}\n`)
    expect(overridden(head, '/logs/odd/a.txt')).toEqual({ format: 'plain', framing: 'lines', context: '' })
    expect(overridden(head, '/logs/a.web')).toEqual({ format: 'access', framing: 'lines', context: 'vhost' })
    expect(overridden(Buffer.from('a,b\n1,2\n'), '/logs/a.txt')).toEqual({
      format: 'csv',
      framing: 'csv',
      context: 'a,b',
    })
    expect(overridden(head, '/logs/a.log').format).toBe('access')
  })
})
