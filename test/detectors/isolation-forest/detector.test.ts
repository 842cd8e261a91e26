import { expect, test } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { IsolationForestDetector } from '../../../src/detectors/isolation-forest/detector.ts'
import { decodeForestModel, encodeForestModel } from '../../../src/detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../../../src/detectors/isolation-forest/trainer.ts'
import { tailShare } from '../../../src/ensemble/calibrate.ts'
import { httpBlock, type Request } from '../../support/blocks/http-block.ts'

const START = Date.UTC(2026, 0, 5)

/** Shoppers of a small site: pages, a search, an item page; from many addresses. */
function traffic(count: number, seed: number): Request[] {
  const random = seeded(seed)
  const words = ['shoes', 'blue+shirt', 'winter+coat', 'socks', 'hat', 'red%20scarf']
  return Array.from({ length: count }, (_, i) => {
    const kind = random()
    const target =
      kind < 0.4
        ? '/'
        : kind < 0.7
          ? `/item?id=${Math.floor(random() * 9000)}`
          : kind < 0.9
            ? `/search?q=${words[Math.floor(random() * words.length)]}&page=${1 + Math.floor(random() * 5)}`
            : `/images/photo${Math.floor(random() * 50)}.png`
    return {
      client: `198.51.100.${Math.floor(random() * 200)}`,
      target,
      status: random() < 0.03 ? 404 : 200,
      bytes: 2000 + Math.floor(random() * 500),
      userAgent: `Mozilla/5.0 Firefox/${100 + Math.floor(random() * 20)}.0`,
      time: START + i * 700,
    }
  })
}

function trained(requests: readonly Request[], blockSize = requests.length): ForestTrainer {
  const trainer = new ForestTrainer({ seed: 1 })
  for (let at = 0; at < requests.length; at += blockSize) {
    const block = httpBlock(requests.slice(at, at + blockSize))
    trainer.collect(block, new Uint8Array(block.count))
  }
  return trainer
}

const trainer = trained(traffic(6000, 1))
const model = trainer.fit()
const attack: Request = { target: "/search?q=1'+union+select+name,pass+from+users--&page=1", time: START + 4_200_000 }

test('has no opinion before there is a model', async () => {
  const scores = await new IsolationForestDetector().score(httpBlock(traffic(3, 2)))
  expect([...scores].every(Number.isNaN)).toBe(true)
})

test('finds an injection in a known field rarer than one in a thousand, and few normal requests so', async () => {
  const detector = new IsolationForestDetector(model, trainer.sessions)
  const block = httpBlock([...traffic(2000, 3).map((r) => ({ ...r, time: (r.time ?? 0) + 4_200_000 })), attack])
  const calibration = detector.calibration(block)!
  const shares = Array.from(await detector.score(block), (score) => tailShare(calibration, score))
  expect(shares.at(-1)).toBeLessThan(0.001)
  expect(shares.slice(0, -1).filter((share) => share < 0.01).length).toBeLessThan(60)
})

test('names the parameter that made a request odd, with actual and typical values', async () => {
  const detector = new IsolationForestDetector(model)
  const block = httpBlock([attack])
  await detector.score(block)
  const evidence = detector.explain(block, 0, 0.8)
  if (evidence.detector !== 'isolation_forest') throw new Error('wrong evidence')
  expect(evidence.score).toBe(0.8)
  expect(evidence.features).toHaveLength(3)
  expect(evidence.features.map(({ name }) => name)).toContain('parameter_oddity')
  expect(evidence.summary).toContain('the value of the parameter "q" is unlike most in training')
  expect(evidence.one_in).toBeGreaterThan(1000)
})

test('learns the same from the same lines, wherever blocks begin and end', async () => {
  const requests = traffic(1500, 4)
  const whole = encodeForestModel(trained(requests).fit())
  expect(Buffer.compare(whole, encodeForestModel(trained(requests, 7).fit()))).toBe(0)
})

test('a training cycle that was interrupted and resumed ends in the same model', async () => {
  const requests = traffic(1500, 5)
  const first = trained(requests.slice(0, 700))
  const second = new ForestTrainer({ seed: 1 })
  second.restore(first.snapshot())
  const rest = httpBlock(requests.slice(700))
  second.collect(rest, new Uint8Array(rest.count))
  expect(Buffer.compare(encodeForestModel(second.fit()), encodeForestModel(trained(requests).fit()))).toBe(0)
})

test('a saved model and session state score elsewhere exactly as here', async () => {
  const here = new IsolationForestDetector(model)
  const before = httpBlock(traffic(500, 6))
  const after = httpBlock([...traffic(500, 7), attack])
  await here.score(before)
  const there = new IsolationForestDetector(decodeForestModel(encodeForestModel(model)))
  there.restore(here.snapshot())
  expect([...(await there.score(after))]).toEqual([...(await here.score(after))])
})

test('a damaged session state is refused with MODEL_INVALID and leaves a working detector', async () => {
  const detector = new IsolationForestDetector(model)
  const bytes = detector.snapshot()
  bytes[bytes.length >> 1] ^= 1
  expect(() => detector.restore(bytes)).toThrowError(expect.objectContaining({ code: 'MODEL_INVALID' }))
  expect((await detector.score(httpBlock([attack])))[0]).toBeGreaterThan(2)
})

test('a flood of one request from one client during training does not make it normal', async () => {
  const flood = Array.from({ length: 6000 }, (_, i) => ({ ...attack, client: '203.0.113.9', time: START + i * 700 }))
  const mixed = traffic(6000, 1).flatMap((request, i) => [request, flood[i]])
  const poisoned = new IsolationForestDetector(trained(mixed).fit())
  const block = httpBlock([{ ...attack, client: '203.0.113.9' }])
  const share = tailShare(poisoned.calibration(block)!, (await poisoned.score(block))[0])
  expect(share).toBeLessThan(0.01)
})

test('events that were excluded teach nothing', async () => {
  const requests = traffic(1200, 8)
  const withAttacks = requests.flatMap((request, i) =>
    i % 3 === 0 ? [request, { ...attack, time: request.time }] : [request],
  )
  const trainer = new ForestTrainer({ seed: 1 })
  const block = httpBlock(withAttacks)
  trainer.collect(
    block,
    Uint8Array.from(withAttacks, (request) => (request.target === attack.target ? 1 : 0)),
  )
  const detector = new IsolationForestDetector(trainer.fit())
  const suspect = httpBlock([attack])
  expect(tailShare(detector.calibration(suspect)!, (await detector.score(suspect))[0])).toBeLessThan(0.005)
})
