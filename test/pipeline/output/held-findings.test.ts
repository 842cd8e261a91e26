import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { HeldFindings } from '../../../src/pipeline/output/held-findings.ts'
import { aFinding } from '../../support/blocks/findings.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const written = (n: number) => {
  const finding = aFinding({ n })
  return { finding, document: JSON.stringify(finding) }
}

test('findings come out once, whole and in their order, however many there are', () => {
  const held = new HeldFindings()
  for (const count of [0, 1, 1024, 1025, 5000]) {
    const findings = Array.from({ length: count }, (_, n) => written(n))
    for (let from = 0; from < count; from += 700) held.add(findings.slice(from, from + 700))
    expect([...held.take()].flat()).toEqual(findings)
    expect([...held.take()].flat()).toEqual([])
  }
})

test('a flood of findings with different hostile texts takes little more memory than those texts', () => {
  const held = new HeldFindings()
  const before = memory()
  for (let n = 0; n < 20_000; n += 1000) held.add(Array.from({ length: 1000 }, (_, i) => written(n + i)))
  const grown = memory() - before
  expect([...held.take()].reduce((sum, slice) => sum + slice.length, 0)).toBe(20_000)
  expect(grown / 1e6).toBeLessThan(24)
})

/** Bytes in use once the garbage is gone. */
function memory(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
