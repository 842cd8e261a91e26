import { expect, test } from 'vitest'
import { boundedKey, LONGEST_KEY } from '../../../src/core/columns/bounded-key.ts'
import { LruTable } from '../../../src/core/columns/lru-table.ts'
import { RecentKeys } from '../../../src/core/columns/recent-keys.ts'
import { SliceTable } from '../../../src/core/columns/slice-table.ts'

const long = (n: number) => `${'a'.repeat(100_000)}${n}`

test('a key up to the limit stays as it is, and a longer one becomes short and stays different from others', () => {
  const limit = 'x'.repeat(LONGEST_KEY)
  expect(boundedKey(limit)).toBe(limit)
  expect(boundedKey(long(1)).length).toBeLessThanOrEqual(LONGEST_KEY)
  expect(boundedKey(long(1))).toBe(boundedKey(long(1)))
  expect(boundedKey(long(1))).not.toBe(boundedKey(long(2)))
  expect(boundedKey(boundedKey(long(1)))).toBe(boundedKey(long(1)))
})

test('a table finds long keys again, as slices too, and a restored one holds the same', () => {
  const slices = new SliceTable(10)
  expect([1, 2, 1].map((n) => slices.intern(`<<${long(n)}>>`, 2, 2 + long(n).length))).toEqual([0, 1, 0])
  const restored = new SliceTable(10)
  for (const text of slices.texts()) restored.intern(text)
  expect(restored.find(long(2))).toBe(1)
  expect(restored.texts()).toEqual(slices.texts())

  const recent = new LruTable(2)
  expect([1, 2, 1, 3, 1].map((n) => recent.claim(long(n)))).toEqual([0, 1, 0, 1, 0])

  const keys = new RecentKeys(2)
  expect([1, 2, 1, 3, 1].map((n) => keys.claim(long(n)))).toEqual([0, 1, 0, 1, 0])
})

test('2,000 different keys of 100 KB, 200 MB of text, are held in little memory', () => {
  const slices = new SliceTable(10_000)
  const keys = new RecentKeys(10_000)
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 1000; n++) {
    slices.intern(long(n))
    keys.claim(long(n))
  }
  const texts = [...slices.texts(), ...Array.from(keys.slots(), (slot) => keys.key(slot))]
  expect(texts.length).toBe(2000)
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(LONGEST_KEY)
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(100)
})
