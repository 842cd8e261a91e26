import { describe, expect, it } from 'vitest'
import type { RuleMatch } from '../../../src/core/documents/finding.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { sniff } from '../../../src/parsing/sniff.ts'
import { blockOf } from '../../parsing/blocks.ts'
import { formats, ordinary, paths, START, scenarios } from '../../support/logins.ts'

const rules = loadRules(['config/rules'])
const ATTACKER = '203.0.113.66'

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

describe.each(Object.keys(formats))('logins in %s', (format) => {
  it.each(Object.keys(scenarios))('show %s, once each', (name) => {
    const { attack, wanted } = scenarios[name]
    const found = matchesIn(formats[format]([...ordinary, ...attack(ATTACKER)]), paths[format])
    expect(found.map(({ title, level }) => [title, level])).toEqual(wanted)
    for (const { field } of found) expect(field).toBe(`source_ip=${ATTACKER}`)
  })

  it('show nothing where people only log in', () => {
    expect(matchesIn(formats[format](ordinary), paths[format])).toEqual([])
  })
})
