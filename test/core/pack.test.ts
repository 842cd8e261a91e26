import { expect, test } from 'vitest'
import { pack, unpack } from '../../src/core/pack.ts'

const content = {
  meta: { name: 'möbel', list: [1, 2] },
  arrays: {
    doubles: Float64Array.of(1.5, Number.NaN, -0),
    bytes: Uint8Array.of(1, 2, 3),
    buffer: Buffer.from('abc'),
    none: new Int32Array(0),
    short: Uint16Array.of(65535),
  },
}

test('what was packed comes back, byte for byte, also from an unaligned place', () => {
  const bytes = pack('thing', 3, content)
  const shifted = new Uint8Array(bytes.length + 1)
  shifted.set(bytes, 1)
  const { meta, arrays } = unpack('thing', 3, shifted.subarray(1))
  expect(meta).toEqual(content.meta)
  expect(arrays).toEqual({ ...content.arrays, buffer: Uint8Array.of(97, 98, 99) })
})

test('every flipped byte, and every cut, is refused with MODEL_INVALID', () => {
  const bytes = pack('thing', 3, content)
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Uint8Array.from(bytes)
    damaged[at] ^= 0x10
    expect(() => unpack('thing', 3, damaged)).toThrowError(expect.objectContaining({ code: 'MODEL_INVALID' }))
  }
  for (const length of [0, 3, 40, bytes.length - 1]) {
    expect(() => unpack('thing', 3, bytes.subarray(0, length))).toThrowError(
      expect.objectContaining({ code: 'MODEL_INVALID' }),
    )
  }
})

test('another kind and another version are refused by name', () => {
  const bytes = pack('thing', 3, content)
  expect(() => unpack('other', 3, bytes)).toThrowError(/holds a thing/)
  expect(() => unpack('thing', 4, bytes)).toThrowError(/format 3.*format 4/)
})
