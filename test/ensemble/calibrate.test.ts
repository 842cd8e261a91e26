import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { calibrate, oneIn, tailShare, toScore } from '../../src/ensemble/calibrate.ts'

function exponential(count: number, seed: number): Float64Array {
  const random = seeded(seed)
  return Float64Array.from({ length: count }, () => -Math.log(1 - random()))
}

test('new data of the same kind exceeds each threshold about as often as the share says, rather less than more', () => {
  const calibration = calibrate(exponential(5000, 1))
  const fresh = exponential(200_000, 2)
  for (const share of [0.1, 0.01, 0.001, 0.0001]) {
    const found = fresh.filter((score) => tailShare(calibration, score) <= share).length / fresh.length
    expect(found / share).toBeGreaterThan(0.2)
    expect(found / share).toBeLessThan(2.5)
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
  expect(tailShare(calibration, 2)).toBe(1)
  expect(tailShare(calibration, 3)).toBeCloseTo(1 / 501, 6)
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
