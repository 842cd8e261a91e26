import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idsOf, SliceColumn } from '../../../src/core/columns/block.ts'
import { sliceBlock } from '../../../src/core/columns/block-slice.ts'
import { ById, MadeById, RowsById } from '../../../src/core/columns/by-id.ts'
import { Dictionary } from '../../../src/core/columns/dictionary.ts'
import { httpBlock } from '../../support/blocks/http-block.ts'

function slices(texts: readonly string[]): [Buffer, Uint32Array, Uint32Array] {
  const starts = new Uint32Array(texts.length)
  const ends = new Uint32Array(texts.length)
  let length = 1
  texts.forEach((text, i) => {
    starts[i] = length
    ends[i] = length += text.length
  })
  // Something before and after, at odd places: what is outside a slice must not count.
  return [Buffer.from(`<${texts.join('')}>`, 'latin1'), starts, ends]
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((s) => Buffer.from(s, 'utf8').toString('latin1')),
  fc.constantFrom('', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefgh', 'abcdefgi', '\0', '\0\0', 'a\0'),
)

test('equal texts have equal numbers and different texts different ones, from block to block', () => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { maxLength: 60 }), { maxLength: 5 }), (blocks) => {
      const dictionary = new Dictionary()
      const numbers = new Map<string, number>()
      for (const texts of blocks) {
        const ids = dictionary.encode(...slices(texts))
        texts.forEach((one, i) => {
          if (!numbers.has(one)) numbers.set(one, numbers.size)
          expect(ids.of[i]).toBe(numbers.get(one))
        })
        expect(ids.size).toBe(numbers.size)
      }
    }),
  )
})

test('a text beyond the limit of length has no number', () => {
  const ids = new Dictionary().encode(...slices(['x'.repeat(1024), 'y'.repeat(1025), 'z']))
  expect([...ids.of]).toEqual([0, -1, 1])
})

test('after too many texts the numbers begin anew under another epoch, between two blocks and never within one', () => {
  const dictionary = new Dictionary()
  const many = Array.from({ length: 70_000 }, (_, i) => `text ${i}`)
  const first = dictionary.encode(...slices(many))
  expect(first.size).toBe(many.length)
  expect(new Set(first.of).size).toBe(many.length)
  const second = dictionary.encode(...slices(['text 5', 'text 6', 'text 5']))
  expect(second.epoch).not.toBe(first.epoch)
  expect([...second.of]).toEqual([0, 1, 0])
})

test('long texts bring the new beginning sooner, so that memory is bounded', () => {
  const dictionary = new Dictionary()
  const long = Array.from({ length: 9000 }, (_, i) => String(i).padStart(1000, '-'))
  const first = dictionary.encode(...slices(long))
  expect(dictionary.encode(...slices(['a'])).epoch).not.toBe(first.epoch)
})

test('what is kept by number is void when the numbers begin anew, and goes on while they grow', () => {
  const kept = new ById()
  const of = new Int32Array(0)
  kept.follow({ epoch: 1, size: 2, of })[1] = 7
  expect(kept.follow({ epoch: 1, size: 50_000, of })[1]).toBe(7)
  expect(kept.follow({ epoch: 1, size: 50_000, of })[49_999]).toBe(-1)
  expect(kept.follow({ epoch: 2, size: 2, of })[1]).toBe(-1)
})

test('a part of a block has the numbers of its part, and a column without a dictionary gets some of its own', () => {
  const block = httpBlock([{ target: '/a' }, { target: '/b' }, { target: '/a' }, { target: '/c' }])
  const { source: all, starts, ends } = block.target
  const ids = new Dictionary().encode(all.bytes, starts, ends)
  const target = new SliceColumn(all, starts, ends, true, ids)
  const part = sliceBlock({ ...block, target }, 1, 4)
  if (part.kind !== 'http') throw new Error('a slice of requests is one of requests')
  expect([...idsOf(part.target, 3).of]).toEqual([1, 0, 2])
  expect([...idsOf(block.target, 4).of]).toEqual([0, 1, 0, 2])
})

test('what was made for a number is found again until the numbers begin anew', () => {
  const made = new MadeById<string>()
  const of = new Int32Array(0)
  made.follow({ epoch: 1, size: 3, of })
  expect(made.find(2)).toBeUndefined()
  expect(made.keep(2, 'two')).toBe('two')
  made.follow({ epoch: 1, size: 50_000, of })
  made.keep(49_999, 'last')
  expect([made.find(2), made.find(49_999), made.find(3)]).toEqual(['two', 'last', undefined])
  made.follow({ epoch: 2, size: 3, of })
  expect(made.find(2)).toBeUndefined()
})

test('rows by number are found again until the numbers begin anew', () => {
  const rows = new RowsById(2)
  const of = new Int32Array(0)
  rows.follow({ epoch: 1, size: 5000, of })
  for (let id = 0; id < 5000; id++) {
    const at = rows.add(id)
    rows.data[at] = id
    rows.data[at + 1] = -id
  }
  for (const id of [0, 1, 4999]) expect([...rows.data.subarray(rows.find(id), rows.find(id) + 2)]).toEqual([id, -id])
  expect(rows.find(-1)).toBe(-1)
  rows.follow({ epoch: 2, size: 10, of })
  expect(rows.find(3)).toBe(-1)
  expect(rows.add(3)).toBe(0)
})
