import { describe, expect, it } from 'vitest'
import { scatterDifference } from '../support/reference/scatter-check.ts'

describe('adding rows by id', () => {
  it('loses nothing when ids repeat and two threads add', async () => {
    for (const seed of [1, 2, 3]) expect(await scatterDifference(seed)).toBe(0)
  })
})
