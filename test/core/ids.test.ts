import { expect, test } from 'vitest'
import { deterministicId } from '../../src/core/ids.ts'

test('the same parts give the same id, and moving a boundary between parts gives another', () => {
  expect(deterministicId('ab', 'c')).toBe(deterministicId('ab', 'c'))
  expect(deterministicId('ab', 'c')).not.toBe(deterministicId('a', 'bc'))
})
