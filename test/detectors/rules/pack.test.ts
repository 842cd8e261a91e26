import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RecordBlock } from '../../../src/core/columns/block.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { runSelfTests } from '../../../src/detectors/rules/selftest/run.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { sniff } from '../../../src/parsing/sniff.ts'

const rules = loadRules(['config/rules'])
const auth = resolve(process.env.ODDLINE_DATA ?? resolve('..', 'shared', 'data'), 'auth')

function records(path: string): RecordBlock {
  const bytes = readFileSync(path)
  const starts: number[] = []
  const ends: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at) < 0 ? bytes.length : bytes.indexOf(10, at)
    starts.push(at)
    ends.push(end)
    at = end + 1
  }
  const count = starts.length
  return {
    source: { id: 1, path, modifiedAt: Date.UTC(2017, 3, 30) },
    bytes,
    count,
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    flags: new Uint8Array(count),
    lines: Uint32Array.from({ length: count }, (_, i) => i + 1),
    offsets: Float64Array.from(starts),
    endOffset: bytes.length,
  }
}

describe('the shipped rules', () => {
  it('pass the tests that they carry, and each carries some', () => {
    const report = runSelfTests(rules)
    expect(report.failures).toEqual([])
    expect(report.untested).toEqual([])
    expect(report.run).toBeGreaterThan(150)
  })

  it('say in an incident what happened and what to do', () => {
    for (const { title, incident } of [...rules.rules, ...rules.correlations]) {
      expect(incident.title, title).toBeDefined()
      expect(incident.remedy, title).toMatch(/^[A-Z`].{20,}\.$/)
    }
  })

  it('name an attack technique, what may look like the attack, and carry lines that must and must not fire', () => {
    for (const rule of [...rules.rules, ...rules.correlations]) {
      expect(rule.id, rule.title).toMatch(/^[0-9a-f-]{36}$/)
      expect(rule.techniques, rule.title).not.toEqual([])
      expect(rule.falsePositives, rule.title).not.toEqual([])
      expect(rule.description, rule.title).not.toBe('')
      expect(rule.tests.match, rule.title).not.toEqual([])
      expect(rule.tests.quiet, rule.title).not.toEqual([])
    }
  })

  it.skipIf(!existsSync(auth)).each(['auth.log', 'elastic_ssh_auth_events.jsonl'])(
    'find the brute force that succeeded in %s, once and as critical',
    (name) => {
      const path = resolve(auth, name)
      const block = records(path)
      const { events } = createParser().parse(block, sniff(block.bytes.subarray(0, 65_536), path))
      const detector = new RulesDetector(rules)
      const scores = detector.score(events)
      const critical = [...scores.keys()].filter((i) => scores[i] > 0.9)
      const matches = critical.map((i) => detector.explain(events, i, scores[i]))
      const found = matches.flatMap((evidence) => (evidence.detector === 'rules' ? evidence.matches : []))
      const success = found.filter(({ title }) => title === 'Brute force followed by a successful login')
      expect(success.map(({ field }) => field)).toEqual(['source_ip=24.151.103.17'])
    },
  )
})
