import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ActiveModels } from '../../src/learning/models/active-models.ts'
import { ModelStore } from '../../src/learning/models/artifacts.ts'
import { encodeModelSet, type ModelContent } from '../../src/learning/models/model-set.ts'
import { LearningCycle } from '../../src/learning/training/cycle.ts'
import { httpBlock } from '../support/blocks/http-block.ts'
import { tempDir } from '../support/temp.ts'
import { shopping } from './support.ts'

const OPTIONS = { contamination: 0.01, weights: { rules: 1, isolation_forest: 1, transformer: 1 } }
const EVENTS = 600
let content: ModelContent

beforeAll(async () => {
  const cycle = new LearningCycle(1)
  const block = httpBlock(shopping(EVENTS))
  cycle.collect(block, new Uint8Array(block.count))
  content = { ...(await cycle.finish()), trainedOn: EVENTS }
})

function open(versions: number) {
  const store = new ModelStore(tempDir())
  for (let i = 0; i < versions; i++) store.save(encodeModelSet(content), 9)
  const problems: string[] = []
  const active = new ActiveModels(store, OPTIONS, {
    onBadModel: (error) => problems.push(error.message),
    onBadState: (_, error) => problems.push(error.message),
  })
  onTestFinished(() => active.close())
  return { store, active, problems }
}

async function clientsKnownTo(active: ActiveModels) {
  const saved = await active.loaded!.checkpoints()
  return saved.find(({ name }) => name === 'detector.isolation_forest')!.value
}

describe('the models in use', () => {
  test('are none while the directory is empty', async () => {
    const { active } = open(0)
    expect(await active.follow()).toBeUndefined()
    expect([active.set, active.voters]).toEqual([undefined, []])
    expect((await active.checkpoints({ templates: 0.05, index: 0.25 }, {})).map(({ name }) => name)).toEqual([
      'learning.drift',
    ])
  })

  test('follow the current version, and say so only when it has changed', async () => {
    const { store, active } = open(2)
    expect(await active.follow()).toBe(2)
    expect(await active.follow()).toBeUndefined()
    store.use(1)
    expect(await active.follow()).toBe(1)
    expect(active.voters.map(({ detector }) => detector.name)).toEqual(['isolation_forest'])
  })

  test('fall back to the newest older version, report the damaged one once, and recover with a new version', async () => {
    const { store, active, problems } = open(2)
    writeFileSync(join(store.path(2), 'isolation_forest.bin'), 'noise')
    expect(await active.follow()).toBe(1)
    expect(await active.follow()).toBeUndefined()
    expect(problems).toEqual([expect.stringContaining('checksum')])
    store.save(encodeModelSet(content), 9)
    expect(await active.follow()).toBe(3)
  })

  test('stay when the wanted version and all older ones are damaged', async () => {
    const { store, active, problems } = open(2)
    expect(await active.follow()).toBe(2)
    writeFileSync(join(store.path(1), 'isolation_forest.bin'), 'noise')
    expect(await active.follow(1)).toBeUndefined()
    expect(active.set?.version).toBe(2)
    expect(problems).toHaveLength(1)
  })

  test('keep their clients through a change of version; a copy has none', async () => {
    const { store, active } = open(1)
    await active.follow()
    const empty = await clientsKnownTo(active)
    await active.voters[0].detector.score(httpBlock(shopping(200)))
    const known = await clientsKnownTo(active)
    expect(known).not.toEqual(empty)
    store.save(encodeModelSet(content), 9)
    await active.follow()
    expect(await clientsKnownTo(active)).toEqual(known)
    const copy = await active.openCopy()
    expect((await copy!.checkpoints())[0].value).toEqual(empty)
    await copy!.close()
  })

  test('restore saved state into the first models only, and report state that cannot be read', async () => {
    const first = open(1)
    await first.active.follow()
    await first.active.voters[0].detector.score(httpBlock(shopping(200)))
    const known = await clientsKnownTo(first.active)
    const { store, active, problems } = open(1)
    const load = (name: string) => (name === 'detector.isolation_forest' ? known : undefined)
    await active.follow(1, load)
    expect(await clientsKnownTo(active)).toEqual(known)
    store.save(encodeModelSet(content), 9)
    await active.follow(2, () => Buffer.from('noise'))
    expect([await clientsKnownTo(active), problems]).toEqual([known, []])
    const damaged = open(1)
    expect(await damaged.active.follow(1, () => Buffer.from('noise'))).toBe(1)
    expect(damaged.problems).toHaveLength(2)
  })
})
