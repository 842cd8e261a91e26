import { describe, expect, test } from 'vitest'
import { type Silence, Silences } from '../../../src/store/delivery/silences.ts'
import { aDatabase } from '../support.ts'

const aSilence = (changes: Partial<Silence> = {}) => ({
  ...{ matcher: { who: '10.0.0.*' }, reason: 'our own scanner', author: 'ann', createdAt: 100, expiresAt: 200 },
  ...changes,
})

describe('silences', () => {
  test('are in force until they end; the one that ends first comes first', () => {
    const silences = new Silences(aDatabase())
    const late = silences.add(aSilence({ expiresAt: 300 }))
    const early = silences.add(aSilence({ matcher: { who: 'eve', what: 'brute_force' } }))
    expect(silences.list(199)).toEqual([
      { ...aSilence({ matcher: { who: 'eve', what: 'brute_force' } }), id: early },
      { ...aSilence({ expiresAt: 300 }), id: late },
    ])
    expect(silences.list(200).map(({ id }) => id)).toEqual([late])
    expect(silences.list(300)).toEqual([])
    expect(silences.list()).toHaveLength(2)
  })

  test('are ended by a person once, and stay in the list of all', () => {
    const silences = new Silences(aDatabase())
    const id = silences.add(aSilence())
    expect(silences.expire(id, 150)).toBe(true)
    expect(silences.list(150)).toEqual([])
    expect(silences.list()).toEqual([{ ...aSilence({ expiresAt: 150 }), id }])
    expect(silences.expire(id, 160)).toBe(false)
    expect(silences.expire(77, 160)).toBe(false)
  })

  test.each([
    ['of everything', {}],
    ['of nobody', { who: '' }],
    ['with a key that is not known', { who: 'eve', where: 'here' }],
  ])('%s are refused, and nothing is stored', (_, matcher) => {
    const silences = new Silences(aDatabase())
    expect(() => silences.add(aSilence({ matcher }))).toThrow()
    expect(silences.list()).toEqual([])
  })
})
