import { expect, test } from 'vitest'
import { BoundedGroups } from '../../src/queries/findings/bounded-groups.ts'

const most = (a: readonly [string, number], b: readonly [string, number]) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)

function counted(keys: readonly string[], limit?: number) {
  const groups = new BoundedGroups<number>(most, limit)
  for (const key of keys) groups.set(key, (groups.get(key) ?? 0) + 1)
  return groups
}

test('groups within the limit are counted exactly', () => {
  const groups = counted(['a', 'b', 'a', 'c', 'b', 'a'], 3)
  expect(groups.ranked()).toEqual([
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ])
  expect(groups.dropped).toBe(0)
})

test('in a flood of groups with one member each, the large ones stay, and each dropped group is counted', () => {
  const flood = Array.from({ length: 10_000 }, (_, n) => [`once ${n}`, n % 10 === 0 ? 'often' : `twice ${n >> 1}`])
  const keys = flood.flat()
  const groups = counted(keys, 100)
  const ranked = groups.ranked()
  expect(ranked[0]).toEqual(['often', 1000])
  expect(ranked.length).toBeLessThanOrEqual(100)
  expect(ranked.length + groups.dropped).toBeGreaterThanOrEqual(new Set(keys).size)
})
