import { describe, expect, test } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { BINS, binsOf, stabilityIndex } from '../../../src/features/bins.ts'
import { DriftMeter } from '../../../src/learning/drift/drift-meter.ts'
import type { LearningLimits } from '../../../src/learning/schedule.ts'
import { httpBlock, type Request } from '../../support/blocks/http-block.ts'
import { FOREST_ALONE, grown, said, shopping, WARMUP } from '../support.ts'

const LIMITS = { warmup: WARMUP, retrainAfter: 0, retrainOnDrift: true }

/** Shoppers who only look at items: nothing that was not seen, but another mixture. */
const narrowed = (count: number, from: number) =>
  shopping(count, from).map((request, i) => ({ ...request, target: `/item?id=${10 + (i % 80)}` }))

/** The same shoppers in a shop that was rebuilt. */
const rebuilt = (count: number, from: number) =>
  shopping(count, from).map((request) => ({
    ...request,
    target: `/shop/v2${request.target}/view;lang=en`,
    method: 'POST',
    bytes: 250_000 + (request.bytes ?? 0),
    agent: 'ShopApp/9.1 (iOS 19.2; tablet)',
  }))

/** Without a transformer there is nothing to wait for. */
const forestAlone = (limits: LearningLimits = LIMITS) => grown({ limits, weights: FOREST_ALONE })
const everyModel = () => grown({ limits: LIMITS })

describe('bins', () => {
  const random = seeded(3)
  const normal = Float32Array.from({ length: 5000 }, () => random() + random() + random())

  test('hold a tenth of the training data each', () => {
    for (const share of binsOf(normal, normal.length, 1).shares) expect(share).toBeCloseTo(0.1, 2)
  })

  test.each([
    ['the same distribution', 0, 0, 0.02],
    ['one that moved a little', 0.15, 0.02, 0.25],
    ['one that moved far', 0.8, 0.25, 20],
  ])('give %s its index', (_, shift, least, most) => {
    const bins = binsOf(normal, normal.length, 1)
    const again = Float32Array.from({ length: 5000 }, () => random() + random() + random() + shift)
    const counts = Float64Array.from(binsOf(normal, normal.length, 1).shares, () => 0)
    for (const value of again) counts[binIn(bins.edges, value)]++
    const index = stabilityIndex(bins, counts, again.length, 0)
    expect(index).toBeGreaterThanOrEqual(least)
    expect(index).toBeLessThan(most)
  })

  test('of a value that never changes are two: what it was, and more', () => {
    const { shares, edges } = binsOf(new Float32Array(100).fill(7), 100, 1)
    expect([shares[0], shares[1], edges[0], edges[1]]).toEqual([expect.closeTo(1), 0, 7, Number.POSITIVE_INFINITY])
  })

  function binIn(edges: Float32Array, value: number): number {
    let bin = 0
    while (bin < BINS - 1 && value > edges[bin]) bin++
    return bin
  }
})

describe('a meter', () => {
  const requests = (clients: number, count: number): Request[] =>
    Array.from({ length: count }, (_, i) => ({ client: `192.0.2.${i % clients}`, target: '/', time: i }))
  const unknown = () => false

  test('counts a flood of one client as little as it must', () => {
    const meter = DriftMeter.ofTemplates(4000)
    const many = httpBlock(requests(200, 3000))
    meter.templates(many, new Int32Array(many.count), () => true)
    const flood = httpBlock(requests(1, 3000))
    meter.templates(flood, new Int32Array(flood.count), unknown)
    const { counts, total } = meter.counts().http!
    expect(counts[0] / total).toBeLessThan(0.05)
  })

  test('forgets what is long past', () => {
    const meter = DriftMeter.ofTemplates(400)
    const block = httpBlock(requests(200, 4000))
    meter.templates(block, new Int32Array(block.count), unknown)
    meter.templates(block, new Int32Array(block.count), () => true)
    const { counts, total } = meter.counts().http!
    expect(counts[0] / total).toBeLessThan(0.01)
  })

  test('goes on after a restart as if there had been none, wherever blocks end', () => {
    const [whole, parts] = [DriftMeter.ofTemplates(400), DriftMeter.ofTemplates(400)]
    const all = requests(50, 900)
    whole.templates(httpBlock(all), new Int32Array(900), unknown)
    parts.templates(httpBlock(all.slice(0, 333)), new Int32Array(333), unknown)
    const restarted = DriftMeter.ofTemplates(400)
    restarted.restore(parts.snapshot())
    restarted.templates(httpBlock(all.slice(333)), new Int32Array(567), unknown)
    expect(restarted.counts()).toEqual(whole.counts())
  })
})

describe('drift', () => {
  test('is not told of the traffic that was learnt', async () => {
    const life = await everyModel()
    await life.batch(shopping(2 * WARMUP, WARMUP))
    expect(await life.drift()).toMatchObject({ templates: { unknown: 0 } })
    expect([life.due, (await life.drift())?.level]).toEqual([[], expect.not.stringMatching('retrain')])
  })

  test('of features leads to a training from what comes then, and is gone with the new models', async () => {
    const life = await forestAlone()
    await life.batch(narrowed(2 * WARMUP, WARMUP))
    expect(life.due).toEqual([expect.stringMatching(/features moved/)])
    expect([life.models.versions(), life.problems]).toEqual([[1, 2], []])
    await life.batch(narrowed(2 * WARMUP, 3 * WARMUP))
    expect(await life.drift()).toMatchObject({ version: 2, level: expect.not.stringMatching('retrain') })
    expect(life.due).toHaveLength(1)
  })

  test('leads to one training in a batch however long it is, because the models come into force with the next', async () => {
    const life = await forestAlone()
    await life.batch(narrowed(12 * WARMUP, WARMUP))
    expect([life.due.length, life.models.versions(), (await life.learning()).phase]).toEqual([1, [1, 2], 'waiting'])
    await life.batch(narrowed(12 * WARMUP, 13 * WARMUP))
    expect([life.due.length, life.models.versions()]).toEqual([1, [1, 2]])
  })

  test('of what is flagged as well leads to trainings that become rarer as they come to nothing', async () => {
    const life = await everyModel()
    await life.batch(rebuilt(30 * WARMUP, WARMUP))
    expect(life.problems).toHaveLength(4)
  })

  test('of what is flagged as well teaches nothing: the models before stay, and that is said', async () => {
    const life = await everyModel()
    await life.batch(rebuilt(2 * WARMUP, WARMUP))
    await life.settle()
    expect(life.due).toEqual([expect.stringMatching(/(?:9\d|100)\.\d % are of templates/)])
    expect(life.problems).toEqual([expect.stringContaining('oddline verdicts')])
    expect([life.models.versions(), (await life.learning()).phase]).toEqual([[1, 2], 'ensemble'])
  })

  test('is only told where the configuration does not want a training', async () => {
    const life = await forestAlone({ warmup: WARMUP, retrainAfter: 0, retrainOnDrift: false })
    await life.batch(rebuilt(2 * WARMUP, WARMUP))
    expect(await life.drift()).toMatchObject({ level: 'retrain', summary: expect.stringContaining('features moved') })
    expect([life.due, (await life.learning()).phase]).toEqual([[], 'ensemble'])
  })

  test('is not made by a flood of one client', async () => {
    const life = await forestAlone()
    const flood = rebuilt(2 * WARMUP, WARMUP).map((request) => ({ ...request, client: '203.0.113.50' }))
    await life.batch(shopping(2 * WARMUP, WARMUP).flatMap((request, i) => [request, flood[i % flood.length]]))
    expect(life.due).toEqual([])
  })

  test('leads to the same findings wherever blocks end and whenever the process dies', async () => {
    const stream = narrowed(2 * WARMUP, WARMUP)
    const [whole, dying] = [await forestAlone(), await forestAlone()]
    const found = said(await whole.batch([...stream, ...rebuilt(30, 0)]))
    const parts = []
    for (const part of [stream.slice(0, 1000), stream.slice(1000, 1700), [...stream.slice(1700), ...rebuilt(30, 0)]]) {
      parts.push(...(await dying.batch(part, 350, true)))
      await dying.die()
    }
    expect([said(parts), dying.due]).toEqual([found, whole.due])
    expect(whole.models.versions()).toEqual([1, 2])
  })
})

test('models that are older than they may be, by log time, are learnt anew', async () => {
  const day = 86_400_000
  const life = await forestAlone({ warmup: WARMUP, retrainAfter: 0, retrainAfterMs: 30 * day, retrainOnDrift: false })
  await life.batch(shopping(2 * WARMUP, WARMUP))
  expect(life.due).toEqual([])
  await life.batch(
    shopping(WARMUP, 3 * WARMUP).map((request) => ({ ...request, time: (request.time ?? 0) + 31 * day })),
  )
  expect(life.due).toEqual([expect.stringContaining('maximum age')])
})
