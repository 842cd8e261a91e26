import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DetectRequest } from '../../../src/core/documents/analysis.ts'
import { type Detection, DetectionSchema } from '../../../src/core/documents/detection.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { createParser } from '../../../src/parsing/parser.ts'
import { detectLines } from '../../../src/pipeline/analysis/detect-lines.ts'
import { parseLines } from '../../../src/pipeline/analysis/line-blocks.ts'
import { ordinary, SQLI } from '../../support/access-lines.ts'

const RULES = loadRules([join(import.meta.dirname, '../../../config/rules')])
const LOGIN = 'Mar 30 12:00:00 host sshd[42]: Failed password for root from 203.0.113.9 port 4711 ssh2'
const JSON_LINE =
  '{"timestamp":"2026-03-30T12:00:00Z","user":"u","source_ip":"203.0.113.9","event_type":"login_failure"}'
const NOW = Date.UTC(2026, 2, 30, 13)

async function detect(...requests: DetectRequest[]) {
  const answers = await detectLines(requests, {
    parser: createParser(),
    voters: [{ detector: new RulesDetector(RULES), weight: 1, calibrate: (_, raw) => raw }],
    ...{ phase: 'warmup', minScore: 0.5, now: NOW, processed: 1000 },
  })
  return answers.map(({ json, anomalies }) => ({
    anomalies,
    lines: JSON.parse(`[${Buffer.from(json)}]`).map((one: unknown) => DetectionSchema.parse(one)) as Detection[],
  }))
}

test('lines of several formats in one request are answered in their order', async () => {
  const [{ lines, anomalies }] = await detect({ lines: [JSON_LINE, SQLI, '{not JSON', LOGIN, ordinary(1), ''] })
  expect(lines.map(({ is_anomaly: odd, details }) => [odd, details.not_understood !== undefined])).toEqual([
    [false, false],
    [true, false],
    [false, true],
    [false, false],
    [false, false],
    [false, true],
  ])
  expect(anomalies).toBe(1)
  expect(lines.map(({ details }) => details.logs_processed)).toEqual([1001, 1002, 1003, 1004, 1005, 1006])
  expect(lines[1].details.rule_based).toMatchObject({ is_attack: true, attack_types: ['sqli'] })
  expect(lines[1].details.log_data).toMatchObject({ ip: '203.0.113.9', method: 'GET', status: 200, raw_line: SQLI })
  expect(lines[3].details.log_data.ip).toBe('203.0.113.9')
})

test('requests that are judged together get only their own lines', async () => {
  const answers = await detect({ lines: [SQLI, ordinary(1)] }, { lines: [ordinary(2)] }, { lines: [SQLI, SQLI] })
  expect(answers.map(({ lines, anomalies }) => [lines.length, anomalies])).toEqual([
    [2, 1],
    [1, 0],
    [2, 2],
  ])
})

test('text that an attacker wrote comes back as it was, whatever it holds', async () => {
  const hostile = ordinary(1).replace('Mozilla', '\\"\u2028</script>\u0007\u{1F600}')
  const [{ lines }] = await detect({ lines: [hostile, `"}]${hostile}`, '{"a":"\\ud800"}'] })
  expect(lines.map(({ details }) => details.log_data.raw_line)).toEqual([hostile, `"}]${hostile}`, '{"a":"\\ud800"}'])
})

test('a line keeps the session of its request', () => {
  const lines = [
    { text: ordinary(1), session: 'shop' },
    { text: LOGIN, session: undefined },
    { text: ordinary(2), session: undefined },
  ]
  const { blocks, refused } = parseLines(createParser(), lines, NOW)
  expect(refused.size).toBe(0)
  const [http] = blocks.filter(({ events }) => events.kind === 'http')
  expect([...http.line].map((line, i) => [line, http.events.session?.at(i)])).toEqual([
    [0, 'shop'],
    [2, ''],
  ])
})
