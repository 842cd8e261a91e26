import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { AnalysedLogs } from '../../../src/core/documents/analysis.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules, rulesOfText } from '../../../src/detectors/rules/loading/load.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { sniff } from '../../../src/parsing/sniff.ts'
import { analyzeLogs } from '../../../src/pipeline/analysis/analyze-logs.ts'
import { ordinaryLines, SQLI } from '../../support/access-lines.ts'
import { tempDir } from '../../support/temp.ts'

const RULES = loadRules([join(import.meta.dirname, '../../../config/rules')])
const TEXT = `${ordinaryLines(50)}${SQLI}\nnot a line of a log\n${ordinaryLines(50, 50)}${SQLI}\n`

function analyze(logs: AnalysedLogs, limits: { maxBytes?: number; maxFindings?: number } = {}, rules = RULES) {
  return analyzeLogs(
    logs,
    { maxBytes: 1_000_000, maxFindings: 10, ...limits },
    {
      parser: createParser(),
      voters: [{ detector: new RulesDetector(rules), weight: 1, calibrate: (_, raw) => raw }],
      phase: 'warmup',
      minScore: 0.5,
      adjust: undefined,
      maxLineBytes: 4096,
      sniff,
      cancelled: () => false,
    },
  )
}

test('text, a file and the same compressed come to the same findings', async () => {
  const dir = tempDir()
  const path = join(dir, 'access.log')
  writeFileSync(path, TEXT)
  writeFileSync(`${path}.gz`, gzipSync(TEXT))
  const text = await analyze({ text: TEXT, name: 'access.log' })
  expect(text).toMatchObject({ lines: 103, parsed: 102, rejected: 1, format: 'access', found: 2, problems: [] })
  expect(text.findings.map(({ log }) => [log.file.path, log.file.line])).toEqual([
    ['access.log', 51],
    ['access.log', 103],
  ])
  const ids = text.findings.map(({ event }) => event.id)
  for (const logs of [{ path }, { path: `${path}.gz` }, { path, name: 'access.log' }]) {
    const { findings } = await analyze(logs)
    expect(findings.map(({ event }) => event.id)).toEqual(ids)
    expect(findings[0].log.file.path).toBe('name' in logs ? 'access.log' : logs.path)
  }
})

test('keeps the strongest findings and counts all', async () => {
  const { found, findings, bySeverity } = await analyze({ text: TEXT, name: 'logs' }, { maxFindings: 1 })
  expect([found, findings.length]).toEqual([2, 1])
  expect(Object.values(bySeverity).reduce((sum, count) => sum + count)).toBe(2)
})

test('refuses what is larger than the limit, and reads compressed logs up to it', async () => {
  const path = join(tempDir(), 'access.log.gz')
  writeFileSync(path, gzipSync(ordinaryLines(30_000)))
  const refused = expect.objectContaining({ code: 'INPUT_UNREADABLE', message: expect.stringMatching(/limit is 100 /) })
  await expect(analyze({ text: TEXT, name: 'logs' }, { maxBytes: 100 })).rejects.toEqual(refused)
  await expect(analyze({ path }, { maxBytes: 100 })).rejects.toEqual(refused)
  const { lines, problems } = await analyze({ path }, { maxBytes: 2_000_000 })
  expect(lines).toBeGreaterThan(5000)
  expect(lines).toBeLessThan(30_000)
  expect(problems).toMatchObject([{ path, kind: 'too_large' }])
})

test('says which file cannot be read, by its name', async () => {
  const path = join(tempDir(), 'none.log')
  await expect(analyze({ path })).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: expect.stringMatching(/^none\.log cannot be read/),
  })
})

test('tries a rule that is given as text, and says what is wrong with one that is none', async () => {
  const rule = 'title: Page 7\nid: 6f3d2a8e-0001-4000-8000-000000000001\nlogsource: {category: webserver}\n'
  const tried = rulesOfText(`${rule}detection: {s: {cs-uri|endswith: /page/7}, condition: s}\nlevel: high\n`, 'rule')
  const { findings } = await analyze({ text: TEXT, name: 'logs' }, {}, tried)
  expect(findings.map(({ rule }) => rule?.name)).toEqual(['Page 7', 'Page 7', 'Page 7'])
  expect(() => rulesOfText(rule, 'rule')).toThrow(
    expect.objectContaining({ code: 'RULE_INVALID', message: expect.stringMatching(/^rule: .*detection/m) }),
  )
})
