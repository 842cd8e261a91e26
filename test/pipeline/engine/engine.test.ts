import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigSchema } from '../../../src/config/schema.ts'
import { holdLearning, requestRetraining } from '../../../src/control/learning.ts'
import type { EngineEvent } from '../../../src/core/documents/engine-event.ts'
import { pack } from '../../../src/core/pack.ts'
import { Engine } from '../../../src/pipeline/engine/engine.ts'
import { openIdleEngine } from '../../../src/pipeline/engine/idle-engine.ts'
import { openModels } from '../../../src/pipeline/engine/open-models.ts'
import { learningStatus, rulesProblem } from '../../../src/queries/learning.ts'
import { retentionStatus } from '../../../src/queries/retention.ts'
import { loadCheckpoint, saveCheckpoints } from '../../../src/store/checkpoints.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { ordinaryLines, SQLI } from '../../support/access-lines.ts'
import { tempDir } from '../../support/temp.ts'

/** A directory with logs, and the settings of an engine that works without threads. */
function place(files: Readonly<Record<string, string>> = {}) {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'logs', name), text)
  const config = ConfigSchema.parse({
    logs: { dir: join(dir, 'logs') },
    output: { dir: join(dir, 'out') },
    state: { dir: join(dir, 'state') },
    detection: { warmup_logs: 400, weights: { transformer: 0 } },
    workers: 1,
  })
  return { dir, settings: { ...config, sinks: [] } }
}

/** One run of the program: opens the engine, takes one batch, and closes it. */
async function run({ settings }: ReturnType<typeof place>, signal = new AbortController().signal) {
  const events: EngineEvent[] = []
  const engine = await Engine.open(settings, (event) => events.push(event))
  try {
    const result = await engine.run({ dryRun: false, signal })
    await engine.settle(signal)
    return { result, events, findings: findingsIn(result.folder) }
  } finally {
    await engine.close()
  }
}

function findingsIn(folder: string | undefined): { event: { original: string }; oddline: { votes: object } }[] {
  const text = folder === undefined ? '' : readFileSync(join(folder, 'findings.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

test('a model whose file is missing is said once; the rules judge and the warmup begins anew', async () => {
  const here = place({ 'access.log': ordinaryLines(600) })
  expect((await run(here)).result.phase).toBe('ensemble')
  const store = openModels(here.settings)
  expect(store.versions()).toEqual([1])
  for (const name of readdirSync(store.path(1)).filter((one) => one.endsWith('.bin'))) rmSync(join(store.path(1), name))

  appendFileSync(join(here.dir, 'logs/access.log'), `${SQLI}\n${ordinaryLines(100, 600)}`)
  const { result, events, findings } = await run(here)
  expect(events.filter(({ type }) => type === 'model_unusable')).toHaveLength(1)
  expect(events).toContainEqual({ type: 'phase_changed', from: 'ensemble', to: 'warmup' })
  expect([result.totals.lines, result.phase]).toEqual([101, 'warmup'])
  expect(findings.map(({ event, oddline }) => [event.original, Object.keys(oddline.votes)])).toEqual([
    [SQLI, ['rules']],
  ])

  appendFileSync(join(here.dir, 'logs/access.log'), ordinaryLines(400, 700))
  expect((await run(here)).result.phase).toBe('ensemble')
  expect(store.current()).toBe(2)
})

test('a version that stays unusable is said by one run only; a device or pipe in its place is not waited for', async () => {
  const here = place({ 'access.log': ordinaryLines(600) })
  await run(here)
  const { dir } = openModels(here.settings)
  const card = join(dir, 'v1/model_config.json')
  rmSync(card)
  execFileSync('mkfifo', [card])
  const told = []
  for (const lines of ['', ordinaryLines(9, 600)]) {
    appendFileSync(join(here.dir, 'logs/access.log'), lines)
    const { result, events } = await run(here)
    told.push(events.filter(({ type }) => type === 'model_unusable'))
    expect(result.phase).toBe('warmup')
  }
  expect(told).toEqual([
    [{ type: 'model_unusable', version: 1, reason: expect.stringContaining('no regular file') }],
    [],
  ])
})

test('models that cannot be stored are said, and the warmup begins anew', async () => {
  const here = place({ 'access.log': ordinaryLines(600) })
  mkdirSync(here.settings.state.dir)
  writeFileSync(join(here.settings.state.dir, 'models'), 'a file where the directory should be')
  const { result, events } = await run(here)
  expect([result.totals.lines, result.phase]).toEqual([600, 'warmup'])
  expect(events.filter(({ type }) => type === 'training_failed')).toHaveLength(1)
  rmSync(join(here.settings.state.dir, 'models'))
  appendFileSync(join(here.dir, 'logs/access.log'), ordinaryLines(200, 600))
  expect((await run(here)).result.phase).toBe('ensemble')
})

describe('checkpoints that are damaged', () => {
  const packedByNewer = pack('templates', 99, { meta: {}, arrays: {} })
  test.each([
    ['noise', () => Buffer.from('noise')],
    ['nothing', () => Buffer.alloc(0)],
    ['JSON of another shape', () => Buffer.from('{"phase":7,"retrainings":"many","events":null}')],
    ['a newer version', () => packedByNewer],
    ['half of it', (value: Buffer) => value.subarray(0, value.length / 2)],
    ['a flipped bit', (value: Buffer) => value.map((byte, i) => (i === value.length >> 1 ? byte ^ 64 : byte))],
  ])('by %s are said once, and the batches go on', async (_, damaged) => {
    const here = place({ 'access.log': ordinaryLines(600) })
    await run(here)
    const db = openDatabase(here.settings.state.dir)
    requestRetraining(db)
    const rows = db.prepare('SELECT name, value FROM checkpoints').all() as { name: string; value: Buffer }[]
    saveCheckpoints(
      db,
      rows.map(({ name, value }) => ({ name, value: damaged(value) })),
    )
    expect(learningStatus(db, here.settings).collected).toBeTypeOf('number')
    appendFileSync(join(here.dir, 'logs/access.log'), `${SQLI}\n${ordinaryLines(50, 600)}`)
    const first = await run(here)
    expect([first.result.totals.lines, first.result.totals.findings.total, first.result.phase]).toEqual([
      51,
      1,
      'ensemble',
    ])
    const lost = first.events.filter(({ type }) => type === 'state_lost')
    expect(lost.length).toBeGreaterThan(0)
    expect(new Set(lost.map((event) => JSON.stringify(event))).size).toBe(lost.length)
    const second = await run(here)
    expect(second.events.filter(({ type }) => type === 'state_lost')).toEqual([])
    expect(learningStatus(db, here.settings)).toMatchObject({ phase: 'ensemble', version: 1 })
    db.close()
  })

  test('while events are collected begin the collection anew', async () => {
    const here = place({ 'access.log': ordinaryLines(300) })
    await run(here)
    const db = openDatabase(here.settings.state.dir)
    for (const name of [
      'learning.forest',
      'learning.templates',
      'learning.sessions',
      'learning.pace',
      'learning.logs',
    ]) {
      saveCheckpoints(db, [{ name, value: Buffer.from('{}') }])
      appendFileSync(join(here.dir, 'logs/access.log'), ordinaryLines(10, 300))
      const { events } = await run(here)
      expect(events.map(({ type }) => type)).toContain('state_lost')
      expect(learningStatus(db, here.settings)).toMatchObject({ phase: 'warmup', collected: 10 })
    }
    db.close()
  })

  test('leave what a person froze frozen', async () => {
    const here = place({ 'access.log': ordinaryLines(20) })
    const db = openDatabase(here.settings.state.dir)
    holdLearning(db, true)
    await run(here)
    saveCheckpoints(db, [{ name: 'learning.orders', value: Buffer.from('noise') }])
    expect(learningStatus(db, here.settings).frozen).toBe(true)
    await run(here)
    expect(loadCheckpoint(db, 'learning.orders')?.toString()).toContain('true')
    db.close()
  })
})

test('a batch that failed leaves its lines to the next one, in the same engine', async () => {
  const here = place({ 'access.log': `${SQLI}\n${ordinaryLines(20)}` })
  const engine = await Engine.open(here.settings, () => {})
  const options = { dryRun: false, signal: new AbortController().signal }
  writeFileSync(here.settings.output.dir, 'a file where the directory should be')
  await expect(engine.run(options)).rejects.toMatchObject({ code: 'OUTPUT_FAILED' })
  rmSync(here.settings.output.dir)
  const { totals, folder } = await engine.run(options)
  expect([totals.lines, totals.findings.total, findingsIn(folder).length]).toEqual([21, 1, 1])
  await engine.close()
})

test('a stopped batch reads nothing and loses nothing', async () => {
  const here = place({ 'access.log': ordinaryLines(20) })
  const stopped = await run(here, AbortSignal.abort())
  expect([stopped.result.stopped, stopped.result.totals.lines]).toEqual([true, 0])
  expect((await run(here)).result.totals.lines).toBe(20)
})

test('changed rules are in force with the next batch; rules that are broken leave the last ones', async () => {
  const here = place({ 'access.log': ordinaryLines(5) })
  const rules = join(here.dir, 'rules')
  mkdirSync(rules)
  const rule = (title: string, text: string) =>
    `title: ${title}\nid: 6f3d2a8e-0001-4000-8000-000000000001\nlogsource: {category: webserver}\n` +
    `detection: {selection: {cs-uri|contains: '${text}'}, condition: selection}\nlevel: high\n`
  writeFileSync(join(rules, 'mine.yml'), rule('First', '/never'))
  const detection = {
    ...here.settings.detection,
    rules: { ...here.settings.detection.rules, shipped: false, dirs: [rules] },
  }
  const events: EngineEvent[] = []
  const engine = await Engine.open({ ...here.settings, detection }, (event) => events.push(event))
  const options = { dryRun: false, signal: new AbortController().signal }
  const batch = async (lines: string) => {
    appendFileSync(join(here.dir, 'logs/access.log'), lines)
    return (await engine.run(options)).totals.findings.total
  }
  expect(await batch('')).toBe(0)
  writeFileSync(join(rules, 'mine.yml'), rule('Changed and longer', '/page/39'))
  expect(await batch(ordinaryLines(40))).toBe(1)
  writeFileSync(join(rules, 'mine.yml'), 'title: none of the rest of what a rule needs\n')
  expect(await batch(ordinaryLines(40, 40))).toBe(1)
  await engine.close()
  expect(events.filter(({ type }) => type.startsWith('rules_'))).toEqual([
    { type: 'rules_changed', rules: 1 },
    { type: 'rules_unusable', reason: expect.stringContaining('mine.yml') },
  ])
})

test('rules that are broken at the start leave the last valid ones, which is said until they are mended', async () => {
  const here = place({ 'access.log': `${SQLI}\n` })
  const rules = join(here.dir, 'rules')
  mkdirSync(rules)
  const mine = join(rules, 'mine.yml')
  const rule =
    'title: Mine\nid: 6f3d2a8e-0001-4000-8000-000000000001\nlogsource: {category: webserver}\n' +
    "detection: {selection: {cs-uri|contains: '/page/39'}, condition: selection}\nlevel: high\n"
  writeFileSync(mine, rule)
  const detection = {
    ...here.settings.detection,
    rules: { ...here.settings.detection.rules, dirs: [rules] },
  }
  const there = { ...here, settings: { ...here.settings, detection } }
  await run(there)
  const db = openDatabase(here.settings.state.dir)
  const breaks = [() => writeFileSync(mine, 'title: [\n'), () => rmSync(rules, { recursive: true })]
  for (const [number, brk] of breaks.entries()) {
    brk()
    appendFileSync(join(here.dir, 'logs/access.log'), `${SQLI}\n${ordinaryLines(40, 40 * number)}`)
    const { result, events } = await run(there)
    expect([result.totals.lines, result.totals.findings.total]).toEqual([41, 2])
    expect(events.filter(({ type }) => type === 'rules_unusable')).toHaveLength(1)
    expect(rulesProblem(db)).toMatch(/are invalid/)
  }
  mkdirSync(rules)
  writeFileSync(mine, rule)
  expect((await run(there)).events.map(({ type }) => type)).not.toContain('rules_unusable')
  expect(rulesProblem(db)).toBeUndefined()

  writeFileSync(join(here.settings.state.dir, 'rules.kept'), 'damaged')
  writeFileSync(mine, 'title: [\n')
  await expect(run(there)).rejects.toMatchObject({ code: 'RULE_INVALID' })
  db.close()
})

test('wrong rules keep the engine from opening, and leave the state free', async () => {
  const here = place()
  const missing = { ...here.settings.detection.rules, dirs: [join(here.dir, 'nowhere')] }
  const settings = { ...here.settings, detection: { ...here.settings.detection, rules: missing } }
  await expect(Engine.open(settings, () => {})).rejects.toMatchObject({ code: 'RULE_INVALID' })
  expect((await run(here)).result.totals.lines).toBe(0)
})

test('an idle engine serves only a state without a past and a directory without logs', async () => {
  const here = place()
  const db = openDatabase(here.settings.state.dir)
  const idle = openIdleEngine(here.settings, db)
  expect(await idle?.run({ dryRun: false })).toMatchObject({ files: 0, phase: 'warmup', totals: { lines: 0 } })
  await idle?.close()
  writeFileSync(join(here.dir, 'logs/access.log'), ordinaryLines(1))
  expect(openIdleEngine(here.settings, db)).toBeUndefined()
  db.close()
})

test('a batch without findings and rejects writes a folder only if it is the only batch', async () => {
  const here = place({ 'access.log': ordinaryLines(20) })
  expect((await run(here)).result.folder).toBeUndefined()
  expect(existsSync(join(here.dir, 'out')) ? readdirSync(join(here.dir, 'out')) : []).toEqual([])
  appendFileSync(join(here.dir, 'logs/access.log'), ordinaryLines(20, 20))
  const single = { ...here, settings: { ...here.settings, single: true } }
  expect(existsSync((await run(single)).result.folder as string)).toBe(true)
})

test('what is older than the limit is removed after a batch, and said', async () => {
  const here = place({ 'access.log': `${SQLI}\n` })
  const first = await run(here)
  const db = openDatabase(here.settings.state.dir)
  db.exec('UPDATE batches SET started_at = started_at - 91 * 86400000')
  db.exec("UPDATE incidents SET status = 'resolved'")
  db.close()
  appendFileSync(join(here.dir, 'logs/access.log'), `${SQLI}\n`)
  const { result, events } = await run(here)
  expect(events).toContainEqual({ type: 'removed', findings: 1, incidents: 1, batches: 1, dead_letters: 0, folders: 0 })
  const status = openDatabase(here.settings.state.dir)
  const { database, output, removed } = retentionStatus(status)
  status.close()
  expect([database.since, output.folders]).toEqual([new Date(result.startedAt).toISOString(), 1])
  expect([removed?.last, existsSync(first.result.folder as string)]).toEqual([
    { batches: 1, findings: 1, incidents: 1 },
    true,
  ])
})

test('results larger than the limit are removed, the newest never', async () => {
  const { dir, settings } = place({ 'access.log': `${SQLI}\n` })
  const here = { dir, settings: { ...settings, output: { ...settings.output, folder: 'batch' as const } } }
  const first = await run(here)
  appendFileSync(join(dir, 'logs/access.log'), `${SQLI}\n`)
  const small = { ...here, settings: { ...here.settings, retention: { ...settings.retention, max_output: 1 } } }
  const { result, events } = await run(small)
  expect(events).toContainEqual(expect.objectContaining({ type: 'removed', folders: 1, findings: 0 }))
  expect([first.result.folder, result.folder].map((path) => existsSync(path as string))).toEqual([false, true])
})
