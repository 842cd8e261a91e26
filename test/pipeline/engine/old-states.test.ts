import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import type { EngineEvent } from '../../../src/core/documents/engine-event.ts'
import { Engine } from '../../../src/pipeline/engine/engine.ts'
import { learningStatus } from '../../../src/queries/learning.ts'
import { readState } from '../../../src/queries/state.ts'
import { statusReport } from '../../../src/queries/status.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { ordinaryLines, SQLI } from '../../support/access-lines.ts'
import { OLD_STATES, oldState } from '../../support/old-states.ts'

/** Events of the first run of this version; and where the learning is after it. */
const GOES_ON = {
  'schema-2': [['model_unusable', 'phase_changed', 'model_unusable'], { phase: 'warmup', version: 0, collected: 6 }],
  'schema-2-warmup': [['state_lost'], { phase: 'warmup', version: 0, collected: 6 }],
  'schema-3': [[], { phase: 'ensemble', version: 1 }],
  'schema-3-warmup': [[], { phase: 'warmup', version: 0, collected: 479 }],
  'schema-4': [[], { phase: 'ensemble', version: 1 }],
} as const

test('there is a state of every schema on which a program ran', () => {
  expect([...OLD_STATES].sort()).toEqual(Object.keys(GOES_ON).sort())
})

describe.each(Object.entries(GOES_ON))('a state of %s', (name, [told, learning]) => {
  test('opens, is brought up to date, and goes on where it was', async () => {
    const dir = oldState(name)
    const settings = {
      ...ConfigSchema.parse({
        logs: { dir: join(dir, 'logs') },
        output: { dir: join(dir, 'out') },
        state: { dir: join(dir, 'state') },
        detection: { warmup_logs: 5000 },
        workers: 1,
      }),
      sinks: [],
    }
    const run = async () => {
      const events: EngineEvent[] = []
      const engine = await Engine.open(settings, (event) => events.push(event))
      const { totals } = await engine.run({ dryRun: false, signal: new AbortController().signal })
      await engine.close()
      return { totals, types: events.map(({ type }) => type).filter((type) => type !== 'batch_progress') }
    }
    expect(
      readState(settings.state.dir, (state) => statusReport(state, { ...settings, sinks: {} }, 0)).findings.total,
    ).toBe(3)
    const db = openDatabase(settings.state.dir)
    onTestFinished(() => {
      db.close()
    })
    const findings = () => db.prepare('SELECT id FROM findings ORDER BY seq').pluck().all()
    const before = findings()

    appendFileSync(join(dir, 'logs/access.log'), `${ordinaryLines(5)}${SQLI}\n`)
    const first = await run()
    expect([first.totals.lines, first.totals.rejected, first.types]).toEqual([6, 0, told])
    expect(findings().slice(0, 3)).toEqual(before)
    expect(findings().length).toBe(3 + first.totals.findings.total)
    expect(first.totals.findings.total).toBeGreaterThan(0)
    expect(learningStatus(db, settings)).toMatchObject(learning)

    const second = await run()
    expect([second.totals.lines, second.types]).toEqual([0, []])
  })
})
