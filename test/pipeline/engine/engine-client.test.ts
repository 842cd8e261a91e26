import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import type { EngineEvent } from '../../../src/core/documents/engine-event.ts'
import { ordinaryLines, SQLI } from '../../support/access-lines.ts'
import { tempDir } from '../../support/temp.ts'

// A thread runs the program as it was built.
type Built = typeof import('../../../src/pipeline/engine/engine-client.ts')
const BUILT = new URL('../../../dist/src/pipeline/engine/engine-client.js', import.meta.url)
const { EngineClient } = (await import(BUILT.href)) as Built

/** A directory with a log, and an engine whose thread ends without a word so many times, each time late in the batch. */
async function dyingEngine(deaths: number) {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  writeFileSync(join(dir, 'logs/access.log'), `${SQLI}\n${ordinaryLines(200)}`)
  const reporter = join(dir, 'reporter.mjs')
  writeFileSync(
    reporter,
    `import { appendFileSync, readFileSync } from 'node:fs'
     const file = ${JSON.stringify(join(dir, 'deaths'))}
     export function batchFolderReport() {
       if (readFileSync(file, 'utf8').length === ${deaths}) return '<p>'
       appendFileSync(file, 'x')
       process.exit(9)
     }`,
  )
  writeFileSync(join(dir, 'deaths'), '')
  const config = ConfigSchema.parse({
    logs: { dir: join(dir, 'logs') },
    output: { dir: join(dir, 'out') },
    state: { dir: join(dir, 'state') },
  })
  const events: EngineEvent[] = []
  const engine = await EngineClient.open(
    { ...config, sinks: [], reporter: pathToFileURL(reporter).href },
    (event) => void events.push(event),
  )
  const resumed = () => events.filter(({ type }) => type === 'batch_resumed')
  return { engine, resumed, died: () => readFileSync(join(dir, 'deaths'), 'utf8').length }
}

test('a batch whose thread dies resumes by itself, says so once, and loses and doubles nothing', async () => {
  const { engine, resumed, died } = await dyingEngine(2)
  const { totals, folder, resumed: interrupted } = await engine.run({ dryRun: false })
  await engine.close()
  expect([died(), interrupted, totals.lines, totals.findings.total]).toEqual([2, true, 201, 1])
  expect(readFileSync(join(folder!, 'findings.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1)
  expect(resumed()).toEqual([{ type: 'batch_resumed', reason: expect.stringContaining('The batch thread has failed') }])
})

test('a batch that dies with every window fails, and the next one may try again', async () => {
  const { engine, resumed, died } = await dyingEngine(5)
  await expect(engine.run({ dryRun: false })).rejects.toMatchObject({ code: 'THREAD_FAILED' })
  expect([died(), resumed().length]).toEqual([4, 1])
  await expect(engine.run({ dryRun: false })).rejects.toMatchObject({ code: 'THREAD_FAILED' })
  expect((await engine.run({ dryRun: false })).totals.lines).toBe(201)
  await engine.close()
})
