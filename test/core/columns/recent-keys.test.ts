import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ids } from '../../../src/core/columns/dictionary.ts'
import { RecentKeys } from '../../../src/core/columns/recent-keys.ts'
import { SlotsById } from '../../../src/core/columns/slots-by-id.ts'

/** The same by a Map whose order is that of use. */
class Model {
  readonly slots = new Map<string, number>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The key that gives way, if one does. */
  claim(key: string): string | undefined {
    const [oldest] = this.slots.keys()
    const evicted = !this.slots.has(key) && this.slots.size === this.#capacity ? oldest : undefined
    if (evicted !== undefined) this.slots.delete(evicted)
    this.slots.delete(key)
    this.slots.set(key, 0)
    return evicted
  }
}

const idsOf = (epoch: number): Ids => ({ epoch, size: 16, of: new Int32Array(0) })

describe('RecentKeys', () => {
  it('gives the slot of the key not used for longest to a new one', () => {
    const use = fc.record({ key: fc.nat(15), byId: fc.boolean(), anew: fc.nat(20), other: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(use, { maxLength: 200 }), (capacity, uses) => {
        const keys = new RecentKeys(capacity)
        const model = new Model(capacity)
        // Two columns that know the same keys by other numbers.
        const columns = [new SlotsById(keys), new SlotsById(keys)]
        let epoch = 0
        for (const column of columns) column.follow(idsOf(epoch++))
        const held = new Map<number, string>()
        for (const { key: number, byId, anew, other } of uses) {
          const key = `k${number}`
          const isNew = !model.slots.has(key)
          const evicted = model.claim(key)
          const column = columns[other ? 1 : 0]
          if (anew === 0) column.follow(idsOf(epoch++))
          const id = other ? 15 - number : number
          const touched = byId ? column.touch(id) : -1
          const slot = touched >= 0 ? touched : byId ? column.claim(id, key) : keys.claim(key)
          expect(keys.fresh).toBe(isNew)
          if (isNew) {
            expect(held.get(slot)).toBe(evicted)
            held.set(slot, key)
          }
          expect(held.get(slot)).toBe(key)
          expect(keys.key(slot)).toBe(key)
          expect(Array.from(keys.slots(), (each) => keys.key(each))).toEqual([...model.slots.keys()])
        }
        expect(keys.size).toBe(model.slots.size)
      }),
      { numRuns: 500 },
    )
  })

  it('counts the keys that gave way', () => {
    const keys = new RecentKeys(2)
    for (const key of ['a', 'b', 'a', 'c', 'b', 'b']) keys.claim(key)
    expect(keys.evicted).toBe(2)
    expect(Array.from(keys.slots(), (slot) => keys.key(slot))).toEqual(['c', 'b'])
  })

  it("finds a key by its number until the slot is another key's, or the numbers are others", () => {
    const keys = new RecentKeys(1)
    const column = new SlotsById(keys)
    column.follow(idsOf(1))
    expect(column.touch(3)).toBe(-1)
    const slot = column.claim(3, 'a')
    expect(column.touch(3)).toBe(slot)
    keys.claim('b')
    expect(column.touch(3)).toBe(-1)
    column.claim(3, 'a')
    column.follow(idsOf(2))
    expect(column.touch(3)).toBe(-1)
  })
})
