import { expect, test } from 'vitest'
import { Reservoir } from '../../../src/detectors/isolation-forest/reservoir.ts'

function filled(rows: number, capacity: number): Reservoir {
  const reservoir = new Reservoir(1, capacity, 7)
  for (let i = 0; i < rows; i++) reservoir.offer(Float32Array.of(i), 0, i, i % 13)
  return reservoir
}

test('keeps a uniform sample of a stream longer than its capacity', () => {
  const { data, rows } = filled(40_000, 1000).slice(0, 1)
  expect(rows).toBe(1000)
  const mean = data.reduce((sum, value) => sum + value, 0) / rows
  expect(mean).toBeGreaterThan(18_500)
  expect(mean).toBeLessThan(21_500)
})

test('slices by place in the stream, in its order', () => {
  const { data, rows } = filled(8000, 1000).slice(0.75, 1)
  expect(rows).toBeGreaterThan(180)
  expect(Math.min(...data)).toBeGreaterThanOrEqual(6000)
  expect([...data]).toEqual([...data].sort((a, b) => a - b))
})

test('a flood of one session and pattern holds less than one row in a hundred', () => {
  const reservoir = new Reservoir(1, 4000, 7)
  for (let i = 0; i < 20_000; i++) {
    reservoir.offer(Float32Array.of(0), 0, i, i % 13)
    for (let k = 0; k < 10; k++) reservoir.offer(Float32Array.of(1), 0, 123_456, 99)
  }
  const { data, rows } = reservoir.slice(0, 1)
  expect(data.filter((value) => value === 1).length / rows).toBeLessThan(0.01)
})

test('a part of each stream is held out, also of one that came first and then no more', () => {
  const reservoir = new Reservoir(1, 1000, 7)
  for (let i = 0; i < 4000; i++) reservoir.offer(Float32Array.of(i), 0, i, i % 13, i < 2000 ? 3 : 5)
  const restored = new Reservoir(1, 1000, 7)
  restored.restore(reservoir.snapshot())
  for (const of of [reservoir, restored]) {
    const { data } = of.slice(0.75, 1)
    expect(data.every((value) => value % 2000 >= 1500)).toBe(true)
    expect(data.filter((value) => value < 2000).length).toBeGreaterThan(80)
    expect(data.filter((value) => value >= 2000).length).toBeGreaterThan(80)
  }
})

test('what was kept before there were streams is one', () => {
  const reservoir = filled(8000, 1000)
  const { streams: _, lengths: __, ...before } = reservoir.snapshot()
  const restored = new Reservoir(1, 1000, 7)
  restored.restore(before)
  expect(restored.slice(0.75, 1)).toEqual(reservoir.slice(0.75, 1))
})
