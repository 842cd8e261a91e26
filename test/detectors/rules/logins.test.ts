import { describe, expect, it } from 'vitest'
import type { RuleMatch } from '../../../src/core/finding.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/load.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { sniff } from '../../../src/parsing/sniff.ts'
import { blockOf } from '../../parsing/blocks.ts'

const rules = loadRules(['config/rules'])
const START = Date.UTC(2026, 0, 6, 9)
const OFFICE = '198.51.100.20'
const ATTACKER = '203.0.113.66'
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

interface Login {
  readonly user: string
  readonly from: string
  readonly ok: boolean
}

const refused = (user: string): Login => ({ user, from: ATTACKER, ok: false })
const letIn = (user: string): Login => ({ user, from: ATTACKER, ok: true })
const users = ['ann', 'bob', 'cid', 'dora', 'emil', 'fay', 'gus', 'hal', 'ida', 'jon']

/** People at work: each logs in from the office, some after a mistake. */
const ordinary: readonly Login[] = users.flatMap((user, i) => [
  ...(i % 3 === 0 ? [{ user, from: OFFICE, ok: false }] : []),
  { user, from: OFFICE, ok: true },
])

const scenarios: Readonly<Record<string, { attack: readonly Login[]; wanted: readonly (readonly [string, string])[] }>> =
  {
    'a brute force that succeeds': {
      attack: [...Array.from({ length: 25 }, () => refused('ann')), letIn('ann')],
      wanted: [
        ['Brute force of logins from one address', 'high'],
        ['Brute force followed by a successful login', 'critical'],
      ],
    },
    'a spray that finds nothing': {
      attack: users.slice(0, 9).map(refused),
      wanted: [['Password spray from one address', 'high']],
    },
    'credential stuffing that finds a valid login': {
      attack: [...users.slice(0, 9).map(refused), letIn('jon')],
      wanted: [
        ['Password spray from one address', 'high'],
        ['Credential stuffing that found a valid login', 'critical'],
      ],
    },
  }

const formats: Readonly<Record<string, (logins: readonly Login[]) => readonly string[]>> = {
  JSON: (logins) =>
    logins.map(({ user, from, ok }, i) =>
      JSON.stringify({ timestamp: at(i), user, source_ip: from, event_type: ok ? 'login_success' : 'login_failure' }),
    ),
  CSV: (logins) => [
    'timestamp,user,source_ip,event_type,action,message',
    ...logins.map(
      ({ user, from, ok }, i) => `${at(i)},${user},${from},${ok ? 'login_success' : 'login_failure'},web_login,`,
    ),
  ],
  syslog: (logins) =>
    logins.map(({ user, from, ok }, i) => {
      const time = new Date(START + i * 10_000)
      const stamp = `${MONTHS[time.getUTCMonth()]}  ${time.getUTCDate()} ${time.toISOString().slice(11, 19)}`
      return `${stamp} web1 sshd[${900 + i}]: ${ok ? 'Accepted' : 'Failed'} password for ${user} from ${from} port 4242 ssh2`
    }),
}

function at(i: number): string {
  return new Date(START + i * 10_000).toISOString()
}

/** What the rules say of log lines that came through the parser of their format. */
function matchesIn(lines: readonly string[], path: string): readonly RuleMatch[] {
  const block = blockOf(lines, { source: { id: 1, path, modifiedAt: START + 3_600_000 } })
  const { events, rejects } = createParser().parse(block, sniff(block.bytes, path))
  expect(rejects).toEqual([])
  const detector = new RulesDetector(rules)
  return Array.from(detector.score(events), (score, i) => {
    const evidence = Number.isNaN(score) ? undefined : detector.explain(events, i, score)
    return evidence?.detector === 'rules' ? evidence.matches : []
  }).flat()
}

const paths: Readonly<Record<string, string>> = { JSON: 'events.jsonl', CSV: 'events.csv', syslog: 'auth.log' }

describe.each(Object.keys(formats))('logins in %s', (format) => {
  it.each(Object.keys(scenarios))('show %s, once each', (name) => {
    const { attack, wanted } = scenarios[name]
    const found = matchesIn(formats[format]([...ordinary, ...attack]), paths[format])
    expect(found.map(({ title, level }) => [title, level])).toEqual(wanted)
    for (const { field } of found) expect(field).toBe(`source_ip=${ATTACKER}`)
  })

  it('show nothing where people only log in', () => {
    expect(matchesIn(formats[format](ordinary), paths[format])).toEqual([])
  })
})
