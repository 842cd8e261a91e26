import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ModelStore } from '../../src/learning/models/artifacts.ts'
import { decodeModelSet } from '../../src/learning/models/model-set.ts'
import { ordinary, ordinaryLines, SQLI } from '../support/access-lines.ts'
import { BATCH_DONE, oddline, start } from '../support/cli.ts'
import { restore, type Snapshot, snapshotOf } from '../support/snapshot.ts'
import { tempDir } from '../support/temp.ts'
import { SHORT_TRAINING, summaryOf, workplace } from '../support/workplace.ts'

const ODD = ordinary(7).replace('/page/7', `/page/${'%00'.repeat(60)}`)

/** Where a run has learnt models: the first one that is asked for learns, the others are copies of it. */
async function learntPlace(): Promise<string> {
  learnt ??= learn()
  const dir = tempDir()
  restore(await learnt, dir)
  return dir
}

let learnt: Promise<Snapshot> | undefined

async function learn(): Promise<Snapshot> {
  const dir = workplace({ 'access.log': ordinaryLines(3000) })
  writeFileSync(join(dir, 'oddline.yaml'), 'detection: {warmup_logs: 2000, training_events: 30000}\n')
  expect((await oddline(dir, 'run', '--once')).code).toBe(0)
  return snapshotOf(dir)
}

const inForce = (dir: string) => new ModelStore(join(dir, 'state/models')).current()

async function status(dir: string) {
  return JSON.parse((await oddline(dir, 'status', '--json')).stdout)
}

test('models are listed, exported, and judge the same on another host', async () => {
  const here = await learntPlace()
  const listed = (await oddline(here, 'models', 'list')).stdout
  expect(listed).toMatch(/2 +│ in force │ 2,000 events │ isolation forest, transformer/)
  expect((await oddline(here, 'models', 'export', 'carried')).code).toBe(0)
  const refused = await oddline(here, 'models', 'export', 'carried')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('not empty')])

  const findings: string[] = []
  const hosts = [workplace(), workplace()]
  for (const host of hosts) {
    writeFileSync(join(host, 'logs/new.log'), `${ordinaryLines(500, 3000)}${ODD}\n`)
    expect((await oddline(host, 'models', 'import', join(here, 'carried'))).code).toBe(0)
    const { summary } = await summaryOf(host)
    expect(summary.phase).toBe('ensemble')
    findings.push(readFileSync(join(host, summary.folder, 'findings.jsonl'), 'utf8').replaceAll(host, ''))
  }
  expect(findings[0]).toContain('transformer')
  expect(findings[0]).toContain('%00%00')
  expect(findings[1]).toBe(findings[0])
  const models = ['carried', 'state/models/v2'].map((path) => readFileSync(join(here, path, 'transformer_model.onnx')))
  expect(models[0].equals(models[1])).toBe(true)
})

test('a damaged directory is not imported, and what is in force stays', async () => {
  const dir = await learntPlace()
  await oddline(dir, 'models', 'export', 'carried')
  appendFileSync(join(dir, 'carried/isolation_forest.bin'), 'x')
  const { code, stderr } = await oddline(dir, 'models', 'import', 'carried')
  expect([code, stderr]).toEqual([3, expect.stringContaining('checksum')])
  expect(inForce(dir)).toBe(2)
})

test('rolls back, retrains, freezes and resumes; status says so', async () => {
  const dir = await learntPlace()
  expect((await oddline(dir, 'models', 'rollback')).stdout).toContain('Version 1 is in force in place of 2')
  expect((await oddline(dir, 'models', 'rollback', '7')).code).toBe(3)
  await oddline(dir, 'run', '--once')
  expect((await status(dir)).learning.model).toBe(1)
  expect((await oddline(dir, 'models', 'rollback', '2')).code).toBe(0)

  await oddline(dir, 'models', 'freeze')
  expect((await oddline(dir, 'models', 'retrain')).stdout).toContain('frozen')
  writeFileSync(join(dir, 'logs/more.log'), ordinaryLines(1000, 3000))
  await oddline(dir, 'run', '--once')
  expect((await status(dir)).learning).toMatchObject({ model: 2, collected: 0, frozen: true })
  await oddline(dir, 'models', 'resume')
  appendFileSync(join(dir, 'logs/more.log'), ordinaryLines(1000, 4000))
  await oddline(dir, 'run', '--once')
  expect((await status(dir)).learning).toMatchObject({ model: 2, collected: 1000, frozen: false })
  appendFileSync(join(dir, 'logs/more.log'), ordinaryLines(1000, 5000))
  await oddline(dir, 'run', '--once')
  expect(inForce(dir)).toBe(3)
})

describe('training from logs that are there', () => {
  test('learns within the days before the newest event, without what rules match, and moves no offset', async () => {
    const old = ordinaryLines(300).replaceAll('10/May', '01/Apr')
    const dir = workplace({ 'a.log': `${old}${ordinaryLines(1500)}`, 'b.log': `${SQLI}\n${ordinaryLines(1500, 1500)}` })
    writeFileSync(join(dir, 'oddline.yaml'), SHORT_TRAINING)
    const { code, stdout } = await oddline(dir, 'train', '--data-path', 'logs', '--baseline-days', '7', '--json')
    expect(code).toBe(0)
    const newest = Date.UTC(2026, 4, 10, 11)
    expect(JSON.parse(stdout)).toEqual({ version: 1, learnt: 3000, flagged: 1, older: 300, newest, transformer: true })
    const { summary } = await summaryOf(dir)
    expect([summary.lines, summary.phase]).toEqual([3301, 'ensemble'])
    const { trainedOn, transformer } = decodeModelSet(new ModelStore(join(dir, 'state/models')).load(1))
    expect([trainedOn, transformer !== undefined]).toEqual([3000, true])
  })

  test('works beside a running program, which then judges with its models', async () => {
    const dir = workplace({ 'access.log': ordinaryLines(3000) })
    writeFileSync(
      join(dir, 'oddline.yaml'),
      `schedule: {watch_settle_seconds: 0.1, watch_min_interval_seconds: 0}\n${SHORT_TRAINING}`,
    )
    const { child, ended, logged } = start(dir, ['run', '--watch'])
    await logged(BATCH_DONE)
    expect((await oddline(dir, 'train', '--data-path', 'logs')).stdout).toContain('Version 1 is in force')
    const taken = logged(/"to":"ensemble"/)
    appendFileSync(join(dir, 'logs/access.log'), `${ODD}\n`)
    await taken
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  test('takes a forest of the user, which then judges', async () => {
    const dir = workplace({ 'access.log': ordinaryLines(3000) })
    writeFileSync(join(dir, 'oddline.yaml'), SHORT_TRAINING)
    await oddline(dir, 'train')
    const own = join(dir, 'state/models/v1/isolation_forest.onnx')
    expect((await oddline(dir, 'train', '--forest', own)).code).toBe(0)
    const { forest } = decodeModelSet(new ModelStore(join(dir, 'state/models')).load(2))
    expect(Buffer.compare(forest.http!.onnx!, readFileSync(own))).toBe(0)
    expect((await summaryOf(dir)).summary.phase).toBe('ensemble')
    const broken = await oddline(dir, 'train', '--forest', join(dir, 'logs/access.log'))
    expect([broken.code, broken.stderr]).toEqual([3, expect.stringContaining('imported isolation forest')])
  })

  test('says when there is too little to learn from', async () => {
    const { code, stderr } = await oddline(workplace({ 'access.log': ordinaryLines(20) }), 'train')
    expect([code, stderr]).toEqual([4, expect.stringContaining('20 events')])
  })
})
