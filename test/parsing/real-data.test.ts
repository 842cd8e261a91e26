import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SecurityBlock } from '../../src/core/columns/block.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { sniff } from '../../src/parsing/sniff.ts'
import { blockOfLines } from './blocks.ts'

const DATA = process.env.ODDLINE_DATA ?? join(import.meta.dirname, '../../../shared/data')

function parse(file: string) {
  const path = join(DATA, file)
  const bytes = readFileSync(path)
  const sniffed = sniff(bytes.subarray(0, 65_536), path)
  const source = { id: 1, path, modifiedAt: statSync(path).mtimeMs }
  return { format: sniffed.format, ...createParser().parse(blockOfLines(bytes, source), sniffed) }
}

function countTypes(events: SecurityBlock): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let i = 0; i < events.count; i++) {
    const type = events.eventType.at(i)
    counts[type] = (counts[type] ?? 0) + 1
  }
  return counts
}

describe.skipIf(!existsSync(DATA))('real logs (skipped where ODDLINE_DATA and ../shared/data are absent)', () => {
  it.each([
    ['web/apache_access_5000.log', 'access', 5000],
    ['auth/auth.log', 'syslog', 7121],
    ['auth/elastic_ssh_auth_events.jsonl', 'json', 1131],
    ['loghub2k/OpenSSH/OpenSSH_2k.log', 'syslog', 2000],
    ['loghub2k/Linux/Linux_2k.log', 'syslog', 2000],
    ['loghub2k/Mac/Mac_2k.log', 'syslog', 2000],
  ])('%s is %s and every record of it an event', (file, format, count) => {
    const parsed = parse(file)
    expect(parsed.format).toBe(format)
    expect(parsed.rejects).toEqual([])
    expect(parsed.events.count).toBe(count)
    expect(parsed.events.time.some(Number.isNaN)).toBe(false)
  })

  it.each([
    'loghub2k/Apache/Apache_2k.log',
    'loghub2k/Spark/Spark_2k.log',
    'loghub2k/HDFS/HDFS_2k.log',
    'hdfs/hdfs_train',
  ])('%s is no format that is known', (file) => {
    expect(parse(file).format).toBe('unknown')
  })

  it('says of auth.log what grep says of it', () => {
    const { events } = parse('auth/auth.log') as { events: SecurityBlock }
    expect(countTypes(events)).toMatchObject({ login_success: 226, login_failure: 717, invalid_user: 178, su: 9 })
    let failures = 0
    for (let i = 0; i < events.count; i++) {
      const single = events.action.at(i) !== 'repeated'
      if (events.eventType.at(i) === 'login_failure' && events.sourceIp.at(i) === '24.151.103.17' && single) failures++
    }
    expect(failures).toBeGreaterThan(100)
  })

  it('agrees on attempts between the syslog lines and the JSON events that were made from them', () => {
    const syslog = countTypes((parse('auth/auth.log') as { events: SecurityBlock }).events)
    const json = countTypes((parse('auth/elastic_ssh_auth_events.jsonl') as { events: SecurityBlock }).events)
    expect(json.login_success).toBe(syslog.login_success)
    expect(json.invalid_user).toBe(syslog.invalid_user)
  })
})
