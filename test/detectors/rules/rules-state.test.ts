import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromPortable, toPortable } from '../../../src/core/columns/portable-block.ts'
import { OddlineError } from '../../../src/core/errors.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { type SecurityFields, securityBlock } from '../../../src/detectors/rules/selftest/events.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { blockOf } from '../../parsing/blocks.ts'

const rules = loadRules(['config/rules'])
const START = Date.UTC(2024, 0, 2, 12)
const DAY = 86_400_000

/** Logins of few users and addresses, so that windows fill, fire and give way. */
const event = fc.record({
  event_type: fc.constantFrom('login_failure', 'login_failure', 'login_success', 'invalid_user', 'cron'),
  user: fc.constantFrom('ann', 'bob', 'cid', 'dora', 'emil', 'fay', 'gus', 'hal', '\u00fc', ''),
  source_ip: fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.7', '203.0.113.9', '2001:db8::1', ''),
  host: fc.constantFrom('web1', 'web2'),
  step: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: -2000, max: 30_000 }) }, fc.constant(DAY / 2)),
})

function inTime(steps: readonly (SecurityFields & { readonly step: number })[]): SecurityFields[] {
  let time = START
  return steps.map(({ step, ...rest }) => {
    time += step
    return { ...rest, time }
  })
}

describe('the state of the rules', () => {
  it('is the same wherever it is saved and taken back', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 120 }), fc.nat(), fc.nat(3), (steps, cut, maxGroups) => {
        const events = inTime(steps)
        const at = cut % events.length
        const made = () => new RulesDetector(rules, { maxGroups: maxGroups + 1 })
        const whole = made()
        const expected = [...whole.score(securityBlock(events))]
        const first = made()
        const head = first.score(securityBlock(events.slice(0, at)))
        const second = made()
        second.restore(first.snapshot())
        expect(second.snapshot()).toEqual(first.snapshot())
        expect(second.forgottenGroups).toBe(first.forgottenGroups)
        expect([...head, ...second.score(securityBlock(events.slice(at)))]).toEqual(expected)
        expect(second.snapshot()).toEqual(whole.snapshot())
      }),
      { numRuns: 150 },
    )
  })

  it('does not depend on whether texts come with numbers', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 120 }), fc.nat(), (steps, cut) => {
        const events = inTime(steps)
        const at = cut % events.length
        const [plain, numbered] = [new RulesDetector(rules), new RulesDetector(rules)]
        const parser = createParser()
        for (const part of [events.slice(0, at), events.slice(at)]) {
          const lines = part.map(({ time, ...rest }) =>
            JSON.stringify({ ...rest, time: new Date(time!).toISOString() }),
          )
          const { events: block } = parser.parse(blockOf(lines), { format: 'json', framing: 'lines', context: '' })
          const scores = plain.score(securityBlock(part))
          expect([...numbered.score(fromPortable(toPortable(block)))]).toEqual([...scores])
        }
        expect(numbered.counts).toEqual(plain.counts)
      }),
      { numRuns: 50 },
    )
  })

  it('is gone on from where it was saved in version 1', () => {
    const id = (title: string) => rules.correlations.find((each) => each.title === title)!.id
    const window = (occurrences: object[], fired = false) => ({
      occurrences,
      oldest: START,
      newest: START + 8000,
      total: 9,
      fired,
    })
    const at = (offset: number, value: string, rule = 0) => ({ time: START + offset, rule, value })
    const seconds = Array.from({ length: 9 }, (_, i) => at(i * 1000, ''))
    const users = ['bob', 'cid', 'dora', 'emil', 'fay', 'gus', 'hal']
    const version1 = {
      version: 1,
      lastTime: START,
      counts: [['a', 3]],
      correlations: [
        {
          id: id('Brute force of logins from one address'),
          evicted: 2,
          groups: [
            ['192.0.2.1', [window(seconds)]],
            ['192.0.2.2', [window([], true)]],
          ],
        },
        {
          id: id('Password spray from one address'),
          evicted: 0,
          groups: [['192.0.2.1', [window(users.map((user, i) => at(i * 1000, user)))]]],
        },
        {
          id: id('Brute force followed by a successful login'),
          evicted: 0,
          groups: [['203.0.113.9', [window([at(0, '', 0)])]]],
        },
        {
          id: id('Login from a network that is new for the user'),
          evicted: 0,
          groups: [],
          known: [['ann', { first: START - 30 * DAY, events: 30, values: ['192.0.0.0/16'] }]],
        },
        { id: 'a correlation that is gone', evicted: 0, groups: [] },
      ],
    }
    const detector = new RulesDetector(rules)
    detector.restore(Buffer.from(JSON.stringify(version1)))
    expect(detector.forgottenGroups).toBe(2)
    const failed = (source_ip: string, user = 'ann') => ({
      event_type: 'login_failure',
      user,
      source_ip,
      time: START + 9000,
    })
    const success = { ...failed('203.0.113.9'), event_type: 'login_success' }
    const block = securityBlock([failed('192.0.2.1'), failed('192.0.2.2'), success])
    const scores = detector.score(block)
    const titles = [0, 1, 2].map((i) => {
      const evidence = detector.explain(block, i, scores[i])
      return evidence.detector === 'rules' ? evidence.matches.map(({ title }) => title).sort() : []
    })
    expect(titles).toEqual([
      ['Brute force of logins from one address', 'Password spray from one address'],
      [],
      ['Brute force followed by a successful login', 'Login from a network that is new for the user'],
    ])
    expect(detector.counts.get('a')).toBe(3)
  })

  it('is refused where it is damaged, and begins anew', () => {
    const detector = new RulesDetector(rules)
    detector.score(
      securityBlock(inTime([{ event_type: 'login_failure', user: 'ann', source_ip: '192.0.2.1', step: 0 }])),
    )
    const snapshot = Uint8Array.from(detector.snapshot())
    snapshot[snapshot.length >> 1] ^= 1
    expect(() => detector.restore(snapshot)).toThrow(OddlineError)
    expect(detector.snapshot()).toEqual(new RulesDetector(rules).snapshot())
  })
})
