import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { wilson } from '../../src/core/wilson.ts'
import { calibrate, oneIn, scorer, tailShare, toScore } from '../../src/ensemble/calibrate.ts'
import type { Calibration } from '../../src/ensemble/calibration.ts'

function exponential(count: number, seed: number): Float64Array {
  const random = seeded(seed)
  return Float64Array.from({ length: count }, () => -Math.log(1 - random()))
}

test('new data of the same kind exceeds each threshold about as often as the share says, rather less than more', () => {
  const calibration = calibrate(exponential(5000, 1))
  const fresh = exponential(200_000, 2)
  for (const share of [0.1, 0.01, 0.001, 0.0001]) {
    const found = fresh.filter((score) => tailShare(calibration, score) <= share).length / fresh.length
    expect(found / share).toBeGreaterThan(0.1)
    expect(found / share).toBeLessThan(1.5)
  }
})

test('beyond the held-out range the tail model goes on, close to the truth of an exponential', () => {
  const calibration = calibrate(exponential(20_000, 3))
  for (const score of [10, 13, 16]) {
    const ratio = Math.log(tailShare(calibration, score)) / -score
    expect(ratio).toBeGreaterThan(0.75)
    expect(ratio).toBeLessThan(1.25)
  }
})

test('a higher score is never less odd, whatever the held-out scores', () => {
  const scores = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 300 })
  const probes = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(scores, probes, (heldOut, asked) => {
      const calibration = calibrate(heldOut)
      const shares = asked.sort((a, b) => a - b).map((score) => tailShare(calibration, score))
      for (let i = 0; i < shares.length; i++) {
        expect(shares[i]).toBeGreaterThan(0)
        expect(shares[i]).toBeLessThanOrEqual(1)
        if (i > 0) expect(shares[i]).toBeLessThanOrEqual(shares[i - 1])
      }
    }),
  )
})

test('it survives JSON, as the model files have it', () => {
  const calibration = calibrate(exponential(9000, 4))
  expect(calibration.knots.length).toBeLessThanOrEqual(4096)
  const read = JSON.parse(JSON.stringify(calibration)) as typeof calibration
  for (const score of [0, 0.5, 3, 9, 40]) expect(tailShare(read, score)).toBe(tailShare(calibration, score))
})

test('equal scores make no tail, and are all equally ordinary', () => {
  const calibration = calibrate(new Float64Array(500).fill(2))
  expect(calibration.tail).toBeUndefined()
  expect(tailShare(calibration, 2)).toBeCloseTo(1, 9)
  expect(tailShare(calibration, 3)).toBeCloseTo(wilson(500 / 501, 500, 1)[1], 9)
})

test('nothing to calibrate on is an error', () => {
  expect(() => calibrate([])).toThrow(RangeError)
  expect(() => calibrate([Number.NaN])).toThrow(RangeError)
})

test('the contamination is half, each power of ten below it a tenth more, and 0.97 is the end', () => {
  expect(toScore(1, 0.01)).toBe(0)
  expect(toScore(0.1, 0.01)).toBeCloseTo(0.25)
  expect(toScore(0.01, 0.01)).toBeCloseTo(0.5)
  expect(toScore(0.001, 0.01)).toBeCloseTo(0.6)
  expect(toScore(0.0001, 0.01)).toBeCloseTo(0.7)
  expect(toScore(1e-12, 0.01)).toBe(0.97)
  expect(toScore(Number.NaN, 0.01)).toBeNaN()
})

test('one in so many is told in two figures', () => {
  expect(oneIn(1)).toBe(1)
  expect(oneIn(0.00012345)).toBe(8100)
  expect(oneIn(1e-6)).toBe(1_000_000)
})

test('a share is that of a search among the knots, wherever they crowd and whatever is asked', () => {
  const score = fc.oneof(
    fc.constantFrom(0, 0.5, 1, -0, 7),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 1e-9, noNaN: true }),
  )
  const asked = fc.array(fc.oneof(score, fc.constantFrom(Infinity, -Infinity, 1e300, Number.NaN)), { maxLength: 20 })
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 200 }), asked, (heldOut, others) => {
      const calibration = calibrate(heldOut)
      for (const raw of [...others, ...heldOut])
        expect(tailShare(calibration, raw)).toBeCloseTo(searched(calibration, raw), 12)
    }),
  )
})

/** The definition, without a table. */
function searched({ count, knots, tail }: Calibration, exact: number): number {
  const raw = exact - Math.max(0.01, 0.02 * Math.abs(exact))
  const rank = (knots.filter((knot) => !(knot < raw)).length / knots.length) * count
  const bound = wilson((count * (rank + 1)) / (count + 1), count, 1)[1]
  if (tail === undefined || raw <= tail.threshold || rank >= 10) return bound
  const excess = (raw - tail.threshold) / (tail.scale * (1 + 1 / Math.sqrt(Math.max(1, count * tail.share))))
  const beyond = tail.shape < 1e-6 ? Math.exp(-excess) : (1 + tail.shape * excess) ** (-1 / tail.shape)
  return Math.min(bound, wilson(count * tail.share, count, 1)[1] * beyond + 1 / (10 * count))
}

test('the scores of a block are those of its shares, one by one', () => {
  const calibration = calibrate(exponential(5000, 5))
  const raw = Float32Array.from([Number.NaN, ...exponential(2000, 6), 9, 12, 40, Infinity])
  const expected = raw.map((one) => (Number.isNaN(one) ? one : toScore(tailShare(calibration, one), 0.01)))
  expect(scorer(calibration, 0.01)(raw)).toEqual(expected)
})

test('no share is smaller than the independent held-out events can attest', () => {
  expect(tailShare(calibrate(exponential(742, 7)), 1e9)).toBeCloseTo(1 / 7420, 9)
  const clients = Array.from({ length: 742 }, (_, i) => i % 5)
  const alike = Array.from(clients, (client) => client + (client === 4 ? 5 : 0))
  const clustered = calibrate(alike, clients)
  expect(clustered.effective).toBeLessThan(20)
  expect(tailShare(clustered, 1e9)).toBeGreaterThan(1 / 742)
})

test('events of independent clients tell as much as they are', () => {
  const clients = Array.from({ length: 6000 }, (_, i) => i % 300)
  const { effective = 0 } = calibrate(exponential(6000, 8), clients)
  expect(effective).toBeGreaterThan(4000)
})

test('of the held-out events no more than the contamination score as rare, however many scores are equal', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(scores, fc.constantFrom(0.001, 0.01, 0.05, 0.2), (heldOut, contamination) => {
      const calibration = calibrate(heldOut)
      const rare = heldOut.filter((score) => tailShare(calibration, score) <= contamination).length
      expect(rare / heldOut.length).toBeLessThanOrEqual(contamination + 1 / heldOut.length)
    }),
  )
})

test('a plateau that moves by thousandths between calibration and use is no less ordinary', () => {
  const cycle = Array.from({ length: 2500 }, (_, i) => (i % 5 === 0 ? 1.6085 + i * 1e-7 : 0.22))
  expect(tailShare(calibrate(cycle), 1.6094)).toBeGreaterThan(0.19)
  expect(tailShare(calibrate(cycle), 1.7)).toBeLessThan(0.01)
})
