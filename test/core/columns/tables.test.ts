import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruTable } from '../../../src/core/columns/lru-table.ts'
import { PairTable } from '../../../src/core/columns/pair-table.ts'
import { SliceTable } from '../../../src/core/columns/slice-table.ts'

const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('a', 'b', 'ab', 'abcd', 'abcde', ''))

test('a slice table numbers keys in the order of first sight, like a Map, up to its capacity', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (keys, capacity) => {
      const table = new SliceTable(capacity)
      const model = new Map<string, number>()
      for (const text of keys) {
        if (!model.has(text) && model.size < capacity) model.set(text, model.size)
        const around = `<<${text}>>`
        expect(table.intern(around, 2, 2 + text.length)).toBe(model.get(text) ?? -1)
        expect(table.find(text)).toBe(model.get(text) ?? -1)
      }
      expect(table.texts()).toEqual([...model.keys()])
    }),
  )
})

test('a pair table numbers pairs likewise, negative numbers included', () => {
  const number = fc.integer({ min: -3, max: 6 })
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 150 }), (pairs) => {
      const table = new PairTable(30)
      const model = new Map<string, number>()
      for (const [a, b] of pairs) {
        const name = `${a} ${b}`
        if (!model.has(name) && model.size < 30) model.set(name, model.size)
        expect(table.intern(a, b)).toBe(model.get(name) ?? -1)
      }
      for (const id of model.values()) expect(table.find(table.first(id), table.second(id))).toBe(id)
    }),
  )
})

test('a full table of recent keys forgets one that was not used again, and says that its slot is fresh', () => {
  const table = new LruTable(3)
  for (const name of ['a', 'b', 'c']) table.claim(name)
  table.touch('a')
  const slot = table.claim('d')
  expect(table.fresh).toBe(true)
  expect(table.text(slot)).toBe('d')
  expect(table.touch('a')).toBeGreaterThanOrEqual(0)
  expect(table.touch('b')).toBe(-1)
  table.claim('c')
  expect(table.fresh).toBe(false)
})

test('a restored table of recent keys forgets in the same order as the one it was taken from', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 80 }), fc.array(key, { maxLength: 80 }), (first, second) => {
      const one = new LruTable(8)
      for (const text of first) one.claim(text)
      const other = new LruTable(8)
      other.restore(
        Array.from(one.slots(), (slot) => one.text(slot)),
        one.used(),
      )
      for (const text of second) {
        one.claim(text)
        other.claim(text)
        expect(other.fresh).toBe(one.fresh)
      }
      expect(other.size).toBe(one.size)
    }),
  )
})

test('a table of recent keys gives a text with a number the slot that it gives the text', () => {
  const texts = fc.array(fc.constantFrom(...'abcdefghij'), { maxLength: 60 })
  const block = fc.record({ texts, anew: fc.boolean() })
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const byText = new LruTable(5)
      const byNumber = new LruTable(5)
      let numbers = new Map<string, number>()
      let epoch = 0
      for (const { texts, anew } of blocks) {
        if (anew) {
          numbers = new Map()
          epoch++
        }
        for (const text of texts) if (!numbers.has(text)) numbers.set(text, numbers.size)
        byNumber.follow({ epoch, size: numbers.size, of: new Int32Array(0) })
        for (const text of texts) {
          // Some texts have no number.
          const id = text === 'j' ? -1 : numbers.get(text)!
          const known = byNumber.touchId(id)
          expect(known < 0 ? byNumber.claimId(id, text) : known).toBe(byText.claim(text))
          expect(byNumber.fresh).toBe(byText.fresh)
        }
      }
      expect(byNumber.used()).toEqual(byText.used())
    }),
  )
})
