import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IsolationForestDetector } from '../../src/detectors/isolation-forest/detector.ts'
import { decodeModelSet } from '../../src/learning/models/model-set.ts'
import { httpBlock } from '../support/blocks/http-block.ts'
import { tempDir } from '../support/temp.ts'
import { ATTACK, grown, Life, said, shopping, WARMUP } from './support.ts'

const names = async (life: Life) => (await life.learning()).voters.map(({ detector }) => detector.name)

describe('a life', () => {
  test('goes from warmup to the ensemble, the forest judging from the event that ends the warmup', async () => {
    const life = new Life(tempDir())
    const learning = await life.learning()
    await life.batch(shopping(WARMUP - 1))
    expect([learning.phase, await names(life)]).toEqual(['warmup', ['rules']])
    await life.batch(shopping(1, WARMUP - 1))
    expect([learning.phase, learning.judging, await names(life)]).toEqual([
      'training',
      'training',
      ['rules', 'isolation_forest'],
    ])
    await life.settle()
    expect([learning.phase, learning.judging, await names(life)]).toEqual([
      'waiting',
      'training',
      ['rules', 'isolation_forest'],
    ])
    await life.batch([])
    expect([learning.phase, learning.judging]).toEqual(['ensemble', 'ensemble'])
    expect(await names(life)).toEqual(['rules', 'isolation_forest', 'transformer'])
    expect(life.phases).toEqual(['warmup -> training', 'training -> waiting', 'waiting -> ensemble'])
    expect(life.models.versions()).toEqual([1, 2])
  })

  test('with too few sessions for a transformer the forest is the ensemble', async () => {
    const life = new Life(tempDir())
    await life.batch(shopping(WARMUP).map((request, i) => ({ ...request, client: '192.0.2.1', time: i * 1000 })))
    expect((await life.learning()).phase).toBe('ensemble')
    expect(await names(life)).toEqual(['rules', 'isolation_forest'])
  })

  test('a training that fails is told, and the forest goes on', async () => {
    const life = new Life(tempDir(), { train: () => Promise.reject(new Error('no memory left')) })
    await life.batch(shopping(WARMUP))
    await life.settle()
    expect([(await life.learning()).phase, life.problems]).toEqual(['ensemble', ['no memory left']])
    expect(await names(life)).toEqual(['rules', 'isolation_forest'])
  })

  test('models that cannot be written are told, and the process lives', async () => {
    const dir = tempDir()
    const life = new Life(dir)
    await life.batch(shopping(WARMUP))
    life.models.save = () => {
      throw new Error('ENOSPC: no space left on device')
    }
    await life.settle()
    expect([(await life.learning()).phase, life.problems]).toEqual(['ensemble', ['ENOSPC: no space left on device']])
  })
})

describe('what is found', () => {
  const stream = shopping(WARMUP + 900).flatMap((request, i) => (i % 97 === 5 ? [request, ATTACK] : [request]))

  test('does not depend on where blocks begin and end', async () => {
    const found = []
    for (const size of [stream.length, 250, 83]) found.push(said(await new Life(tempDir()).batch(stream, size)))
    expect(found[0].some(({ phase }) => phase === 'training')).toBe(true)
    expect(found[1]).toEqual(found[0])
    expect(found[2]).toEqual(found[0])
  })

  test('does not change when the process dies between any two commits', async () => {
    const whole = said(await new Life(tempDir()).batch(stream, 300))
    const life = new Life(tempDir())
    const parts = []
    for (let at = 0; at < stream.length; at += 300) {
      parts.push(...(await life.batch(stream.slice(at, at + 300), 300, at > 0)))
      await life.die()
    }
    expect(said(parts)).toEqual(whole)
  })

  test('the ensemble scores the same after a restart', async () => {
    const [stays, restarts] = [new Life(tempDir()), await grown()]
    await stays.batch(shopping(WARMUP))
    await stays.settle()
    await stays.batch([])
    const odd = [{ ...ATTACK, target: '/item?id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, ATTACK]
    const before = shopping(300, WARMUP)
    for (const life of [stays, restarts]) await life.batch(before, 100)
    await restarts.die()
    const after = [...shopping(60, WARMUP + 300), ...odd]
    const expected = said(await stays.batch(after))
    expect(expected.at(-1)?.votes).toHaveProperty('transformer')
    expect(said(await restarts.batch(after))).toEqual(expected)
  })
})

test('what was flagged is never learnt: an attack repeated all through the warmup stays odd to the forest', async () => {
  const life = new Life(tempDir())
  const poisoned = shopping(WARMUP).map((request, i) => (i % 8 === 3 ? { ...request, target: ATTACK.target } : request))
  await life.batch(poisoned)
  const model = decodeModelSet(life.models.load(1)).forest
  const forest = new IsolationForestDetector(model)
  const block = httpBlock([ATTACK])
  const [raw] = await forest.score(block)
  const { http } = model
  expect(raw).toBeGreaterThan(http!.calibration.knots.at(-1)!)
})

describe('a restart', () => {
  test('begins the training of the transformer anew', async () => {
    const dir = tempDir()
    const life = new Life(dir, { train: (_, __, { signal }) => untilAborted(signal!) })
    await life.batch(shopping(WARMUP))
    await life.die()
    const next = new Life(dir)
    expect((await next.learning()).phase).toBe('training')
    await next.settle()
    await next.batch([])
    expect((await next.learning()).phase).toBe('ensemble')
    expect(await names(next)).toContain('transformer')
  })

  test('in a collection goes on with it, and not with what an earlier one had collected', async () => {
    const dir = tempDir()
    const life = await grown({}, dir)
    await life.die()
    life.order({ retrainings: 1 })
    await life.batch(shopping(WARMUP / 2, WARMUP))
    await life.die()
    await life.batch(shopping(WARMUP / 2, WARMUP * 1.5))
    const other = await grown()
    other.order({ retrainings: 1 })
    await other.batch(shopping(WARMUP, WARMUP))
    for (const one of [life, other]) await one.settle()
    const [a, b] = [life, other].map((one) => one.models.load(3).files)
    expect(Buffer.compare(a.get('isolation_forest.bin')!, b.get('isolation_forest.bin')!)).toBe(0)
    expect(Buffer.compare(a.get('templates.bin')!, b.get('templates.bin')!)).toBe(0)
  })

  test('with a damaged model judges with the last good one, and says so once', async () => {
    const dir = tempDir()
    const life = await grown({}, dir)
    await life.die()
    writeFileSync(join(life.models.path(2), 'transformer_model.onnx'), 'noise')
    expect(await names(life)).toEqual(['rules', 'isolation_forest'])
    for (let i = 0; i < 3; i++) await life.batch(shopping(50, WARMUP))
    expect(life.problems).toHaveLength(1)
    expect(life.problems[0]).toContain('checksum')
  })

  test('with a damaged state of the detectors says so, and judges on', async () => {
    const life = await grown()
    await life.batch(shopping(50, WARMUP))
    await life.die()
    for (const name of ['rules', 'isolation_forest', 'transformer']) life.damage(`detector.${name}`)
    expect(await names(life)).toEqual(['rules', 'isolation_forest', 'transformer'])
    expect(life.problems).toHaveLength(3)
    expect(await life.batch([ATTACK])).not.toEqual([])
  })

  test('with a damaged collection begins it anew', async () => {
    const life = new Life(tempDir())
    await life.batch(shopping(WARMUP / 2))
    await life.die()
    life.damage('learning.forest')
    expect((await life.learning()).phase).toBe('warmup')
    expect(life.problems).toHaveLength(1)
    await life.batch(shopping(WARMUP, WARMUP / 2))
    expect((await life.learning()).phase).toBe('training')
  })

  test('with no usable model at all learns anew', async () => {
    const life = await grown()
    await life.die()
    for (const version of [1, 2]) writeFileSync(join(life.models.path(version), 'isolation_forest.bin'), 'noise')
    expect([(await life.learning()).phase, await names(life)]).toEqual(['warmup', ['rules']])
    await life.batch(shopping(WARMUP, WARMUP))
    expect((await life.learning()).phase).toBe('training')
  })
})

describe('retraining', () => {
  test('keeps the models before judging until the new ones are there', async () => {
    const life = await grown({ limits: { warmup: WARMUP, retrainAfter: 500 } })
    await life.batch(shopping(499, WARMUP))
    const learning = await life.learning()
    expect(learning.horizon).toBe(1)
    await life.batch(shopping(1 + WARMUP, WARMUP + 499))
    expect([learning.phase, learning.judging]).toEqual(['training', 'ensemble'])
    expect(await names(life)).toEqual(['rules', 'isolation_forest', 'transformer'])
    await life.settle()
    expect(life.models.versions()).toEqual([1, 2, 3])
    await life.batch([])
    expect([learning.phase, life.models.current()]).toEqual(['ensemble', 3])
  })

  test('does not put its model in force over one that a person chose meanwhile', async () => {
    const life = await grown()
    life.order({ retrainings: 1 })
    await life.batch(shopping(WARMUP, WARMUP))
    life.models.use(1)
    await life.settle()
    await life.batch([])
    expect([life.models.versions(), life.models.current()]).toEqual([[1, 2, 3], 1])
    expect(await names(life)).toEqual(['rules', 'isolation_forest'])
  })
})

test('a rollback, and back, is taken up with the next batch', async () => {
  const life = await grown()
  life.models.use(1)
  expect(await names(life)).toContain('transformer')
  await life.batch([])
  expect(await names(life)).not.toContain('transformer')
  life.models.use(2)
  await life.batch([])
  expect(await names(life)).toContain('transformer')
})

test('frozen, nothing is collected; resumed, it goes on', async () => {
  const life = new Life(tempDir())
  life.order({ retrainings: 0, frozen: true })
  await life.batch(shopping(WARMUP * 2))
  expect((await life.learning()).phase).toBe('warmup')
  life.order({ retrainings: 0, frozen: false })
  await life.batch(shopping(WARMUP))
  expect((await life.learning()).phase).toBe('training')
})

test('a model directory with models in it ends a warmup that had begun', async () => {
  const source = await grown()
  const life = new Life(tempDir())
  await life.batch(shopping(100))
  life.models.save(source.models.load(2), 5)
  await life.batch([])
  expect([(await life.learning()).phase, (await life.learning()).judging]).toEqual(['ensemble', 'ensemble'])
})

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}
