import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { streamOf } from '../../../../src/detectors/rules/correlation/silence.ts'
import { RulesDetector } from '../../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../../src/detectors/rules/loading/load.ts'
import { type SecurityFields, securityBlock } from '../../../../src/detectors/rules/selftest/events.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 0, 5)

const dir = mkdtempSync(join(tmpdir(), 'oddline-silence-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
writeFileSync(
  join(dir, 'silence.yml'),
  `title: Silent
id: silent
level: high
logsource: {category: authentication}
correlation: {type: oddline_silence, group-by: [host], timespan: 1h, known-for: 6h, condition: {gte: 20}}
`,
)
const rules = loadRules([dir])

/** A host that speaks every ten minutes between two hours. */
function talk(host: string, from: number, to: number): SecurityFields[] {
  const count = Math.floor(((to - from) * HOUR) / (10 * MINUTE))
  return Array.from({ length: count }, (_, i) => ({ host, time: START + from * HOUR + i * 10 * MINUTE }))
}

function inOrder(...events: readonly SecurityFields[][]): SecurityFields[] {
  return events.flat().sort((a, b) => a.time! - b.time!)
}

/** What is told, as hours since the start and the text of the match. */
function told(
  events: readonly SecurityFields[],
  path = '/log/auth.log',
  detector = new RulesDetector(rules),
): string[] {
  const block = { ...securityBlock(events), source: { id: 1, path, modifiedAt: 0 } }
  return Array.from(detector.score(block), (score, i) => {
    if (Number.isNaN(score)) return []
    const evidence = detector.explain(block, i, score)
    const [match] = evidence.detector === 'rules' ? evidence.matches : []
    return [`${((block.time[i] - START) / HOUR).toFixed(1)} ${match.field}: ${match.matched}`]
  }).flat()
}

describe('the silence of a source', () => {
  it('is told once, while others go on, and anew when the source has spoken since', () => {
    const events = inOrder(talk('a', 0, 40), talk('b', 0, 12), talk('b', 20, 30))
    expect(told(events)).toEqual([
      '13.0 host=b: silent for 70 min after 72 events since 2026-01-05',
      // Its pause of eight hours is known now, and it takes three times that to be news.
    ])
    expect(told(inOrder(talk('a', 0, 80), talk('b', 0, 12), talk('b', 20, 30)))).toHaveLength(2)
  })

  it('is told by its own next event where no other speaks', () => {
    expect(told([...talk('a', 0, 12), ...talk('a', 15, 20)])).toEqual([
      '15.0 host=a: silent for 3 h after 72 events since 2026-01-05',
    ])
  })

  it('is not told at the end of a file, of a source little known, or of a pause as long as before', () => {
    expect(told(talk('a', 0, 12))).toEqual([])
    expect(told(inOrder(talk('a', 0, 40), talk('b', 0, 3)))).toEqual([])
    const shifts = [talk('b', 0, 4), talk('b', 5, 9), talk('b', 10, 14), talk('b', 15.5, 20)]
    expect(told(inOrder(talk('a', 0, 20), ...shifts))).toEqual([])
  })

  it('keeps the time of each log, and takes a log and its rotated files for one', () => {
    const detector = new RulesDetector(rules)
    expect(told(talk('a', 0, 12), '/log/auth.log', detector)).toEqual([])
    expect(told(talk('b', 0, 40), '/log/other.log', detector)).toEqual([])
    expect(told(talk('a', 12, 13), '/log/auth.log.1', detector)).toEqual([])
    expect(told(talk('a', 16, 17), '/log/auth.log', detector)).toHaveLength(1)
    const names = ['a.log', 'a.log.1', 'a.log.2.gz', 'a.log-20260102', 'a.log-20260102.gz', 'a.log.2026-01-02']
    expect(new Set(names.map(streamOf))).toEqual(new Set(['a.log']))
  })

  it('is the same wherever a run is cut', () => {
    const events = inOrder(talk('a', 0, 40), talk('b', 0, 12))
    const whole = told(events)
    expect(whole).toHaveLength(1)
    for (const cut of [1, 50, 130, 149, 150, 151, 152, 200]) {
      const first = new RulesDetector(rules)
      const head = told(events.slice(0, cut), '/log/auth.log', first)
      const second = new RulesDetector(rules)
      second.restore(first.snapshot())
      expect([...head, ...told(events.slice(cut), '/log/auth.log', second)]).toEqual(whole)
    }
  })
})
