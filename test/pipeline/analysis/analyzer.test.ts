import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import type { Analyzer, DetectAnswer } from '../../../src/core/documents/analysis.ts'
import { type Detection, DetectionSchema } from '../../../src/core/documents/detection.ts'
import { addAdjustment } from '../../../src/store/adjustments.ts'
import { writeEndlessFile } from '../../faces/support/endless-file.ts'
import { makeState, type TestState } from '../../faces/support/state.ts'
import { isBuilt, threadedAnalyzer } from '../../faces/support/threaded-analyzer.ts'

const line = (i: number) =>
  `192.0.2.${i % 200} - - [30/Mar/2026:12:00:00 +0000] "GET /page/${i} HTTP/1.1" 200 512 "-" "x"`

const detections = ({ json }: DetectAnswer) =>
  JSON.parse(`[${Buffer.from(json).toString()}]`).map((one: unknown) => DetectionSchema.parse(one)) as Detection[]

let state: TestState
let analyzer: Analyzer
beforeEach(async () => {
  state = makeState()
  analyzer = await threadedAnalyzer(ConfigSchema.parse({ state: { dir: state.dir } }))
})
afterEach(async () => {
  await analyzer.close()
  state.remove()
})

describe.skipIf(!isBuilt)('the analyzer in its threads (skipped where it is not built)', () => {
  it('gives each of many requests at once the answers to its own lines', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) => analyzer.detect({ lines: [line(2 * i), line(2 * i + 1)] })),
    )
    for (const [i, answer] of answers.entries()) {
      expect(detections(answer).map((one) => one.details.log_data.path)).toEqual([
        `/page/${2 * i}`,
        `/page/${2 * i + 1}`,
      ])
      expect(answer.anomalies).toBe(0)
    }
    expect(analyzer.judged).toBe(600)
  })

  it('refuses lines when too many wait, and goes on with the others', async () => {
    const lines = Array.from({ length: 15_000 }, (_, i) => line(i))
    const first = analyzer.detect({ lines })
    await expect(analyzer.detect({ lines })).rejects.toThrow(/Too many lines/)
    expect(detections(await first)).toHaveLength(15_000)
  })

  it('refuses an analysis when too many wait, and frees the places of those that are given up', async () => {
    const path = join(state.dir, 'endless.gz')
    writeEndlessFile(path)
    const limits = { maxBytes: 1_000_000, maxFindings: 10 }
    const callers = Array.from({ length: 18 }, () => new AbortController())
    const taken = callers.map(({ signal }) => analyzer.analyze({ logs: { path }, ...limits }, signal))
    const text = { logs: { text: `${line(1)}\n`, name: 'access.log' }, ...limits }
    await expect(analyzer.analyze(text)).rejects.toThrow(/Too many files/)
    for (const caller of callers) caller.abort(new Error('left'))
    expect((await Promise.allSettled(taken)).map((one) => one.status === 'rejected' && one.reason.message)).toEqual(
      Array(18).fill('left'),
    )
    expect(await analyzer.analyze(text)).toMatchObject({ lines: 1, parsed: 1 })
  })

  it('ends the analyses under way when it closes', async () => {
    const path = join(state.dir, 'endless.gz')
    writeEndlessFile(path)
    const under = analyzer.analyze({ logs: { path }, maxBytes: 1_000_000, maxFindings: 10 })
    const ended = expect(under).rejects.toThrow(/about to end/)
    await analyzer.close()
    await ended
  })

  it('answers a line break within a line as one line', async () => {
    const answers = detections(await analyzer.detect({ lines: [`${line(1)}\nsecond\r\nthird`, '\n\n'] }))
    expect(answers).toHaveLength(2)
    expect(answers[1].details.not_understood).toBeTruthy()
  })

  it('excuses what people have excused, and nobody else', async () => {
    const attack = (client: string) =>
      line(1).replace('192.0.2.1', client).replace('/page/1', '/a?id=1+union+select+1,2')
    const lines = [attack('198.51.100.7'), attack('203.0.113.9')]
    addAdjustment(state.db, {
      adjustment: { kind: 'allow', client: '198.51.100.7' },
      ...{ findings: [], reason: 'our scanner', author: 'test', createdAt: 0, expiresAt: Number.POSITIVE_INFINITY },
    })
    await analyzer.refresh()
    const answer = await analyzer.detect({ lines })
    expect(answer.anomalies).toBe(1)
    const [ours, other] = detections(answer)
    expect(ours).toMatchObject({ is_anomaly: false, anomaly_score: 0, details: { rule_based: { is_attack: false } } })
    expect(other).toMatchObject({ is_anomaly: true, details: { rule_based: { attack_types: ['sqli'] } } })
  })

  it('says what is in force', async () => {
    const { active, rules, model } = await analyzer.refresh()
    expect(active).toEqual({ rules: true, isolation_forest: false, transformer: false })
    expect(rules.length).toBeGreaterThan(20)
    expect(model.version).toBeNull()
  })
})
