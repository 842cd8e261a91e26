import { expect, test } from 'vitest'
import { calibrate } from '../../src/ensemble/calibrate.ts'
import { howRare, rarenessText } from '../../src/ensemble/how-rare.ts'

const calibration = calibrate(Float64Array.from({ length: 742 }, (_, i) => i / 742))
const say = (raw: number) => rarenessText(howRare(calibration, raw), 'http')

test('a score above all held-out ones is said not to have been seen in them', () => {
  expect(howRare(calibration, 9).oneIn).toBeGreaterThan(742)
  expect(say(9)).toBe('Not seen in 742 normal requests')
})

test('a score within the held-out ones is said with its share, and never as rarer than one of them', () => {
  expect(say(0.9)).toMatch(/^1 in ([789]|10) normal requests is as unusual$/)
  expect(rarenessText({ oneIn: 2000, heldOut: 742, seen: true }, 'security')).toBe(
    '1 in 742 normal security events is as unusual',
  )
  expect(say(0)).toBe('Most normal requests are as unusual')
})
