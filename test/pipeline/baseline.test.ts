import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ConfigSchema } from '../../src/config/schema.ts'
import { SQLI } from '../support/access-lines.ts'
import { tempDir } from '../support/temp.ts'

const BUILT = join(import.meta.dirname, '../../dist/src/pipeline/baseline.js')
const load = async () => (await import(pathToFileURL(BUILT).href)) as typeof import('../../src/pipeline/baseline.ts')

function place(text: string) {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  writeFileSync(join(dir, 'logs/access.log'), text)
  return ConfigSchema.parse({
    logs: { dir: join(dir, 'logs') },
    state: { dir: join(dir, 'state') },
    detection: { baseline_days: 7, training_events: 30000 },
  })
}

const { signal } = new AbortController()

/** Requests of one day, each by another client. */
const requests = (count: number, day: string, from = 0) =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i
    return `198.51.${n >> 8}.${n & 255} - - [${day}/May/2026:10:00:00 +0000] "GET /p/${n % 9} HTTP/1.1" 200 ${500 + (n % 90)} "-" "x"\n`
  }).join('')

describe.skipIf(!existsSync(BUILT))('a baseline (skipped where it is not built)', () => {
  test('learns from the days before the newest event, and from nothing that a rule matches', async () => {
    const { learnBaseline } = await load()
    const config = place(`${requests(30, '01')}${requests(400, '20', 30)}${SQLI.replace('10/May', '20/May')}\n`)
    const read: number[] = []
    const baseline = await learnBaseline(
      config,
      { onReading: ({ lines }) => read.push(lines), onTraining() {} },
      { signal },
    )
    expect(baseline).toMatchObject({ version: 1, learnt: 400, flagged: 1, older: 30 })
    expect(new Date(baseline.newest!).toISOString()).toBe('2026-05-20T11:00:00.000Z')
    expect(read.at(-1)).toBe(431)
    expect(existsSync(join(config.state.dir, 'models/v1/model_config.json'))).toBe(true)
  })

  test('says that there is too little to learn from, and leaves no model', async () => {
    const { learnBaseline } = await load()
    const config = place(`${SQLI}\n`)
    await expect(learnBaseline(config, { onReading() {}, onTraining() {} }, { signal })).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
      message: expect.stringMatching(/holds 0 events .*more logs/s),
    })
    expect(existsSync(join(config.state.dir, 'models'))).toBe(false)
  })
})
