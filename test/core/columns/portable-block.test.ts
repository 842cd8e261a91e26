import { expect, test } from 'vitest'
import { type EventBlock, SliceColumn } from '../../../src/core/columns/block.ts'
import { ByteText } from '../../../src/core/columns/byte-text.ts'
import { Dictionary } from '../../../src/core/columns/dictionary.ts'
import { fromPortable, toPortable } from '../../../src/core/columns/portable-block.ts'
import { httpBlock } from '../../support/blocks/http-block.ts'

const strings = (block: EventBlock, i: number) =>
  Object.entries(block)
    .flatMap(([name, value]) =>
      typeof value === 'object' && 'at' in value && !ArrayBuffer.isView(value) ? [[name, value.at(i)]] : [],
    )
    .sort()

test('a block that has crossed a thread reads as before, column by column', () => {
  const block = httpBlock([
    { client: '10.0.0.1', target: '/a?b=c', status: 200, userAgent: 'curl', time: 1 },
    { client: '10.0.0.2', target: '/caf\u00c3\u00a9', status: 404, referer: 'http://x/', time: 2 },
  ])
  const crossed = fromPortable(structuredClone(toPortable(block)))
  expect(crossed.count).toBe(2)
  expect(crossed.time).toEqual(block.time)
  expect(strings(crossed, 0).length).toBeGreaterThan(5)
  for (const i of [0, 1]) expect(strings(crossed, i)).toEqual(strings(block, i))
})

test('the numbers of texts cross with their column', () => {
  const block = httpBlock([{ target: '/a' }, { target: '/b' }])
  const { source, starts, ends } = block.target
  const ids = new Dictionary().encode(source.bytes, starts, ends)
  const numbered = { ...block, target: new SliceColumn(source, starts, ends, false, ids) }
  const crossed = fromPortable(structuredClone(toPortable(numbered)))
  expect(crossed).toMatchObject({ target: { ids } })
})

test('columns of texts cross beside slices, and invalid or wide characters with them', () => {
  const text = 'caf\u00c3\u00a9 x'
  const raw = new SliceColumn(ByteText.of(text), Uint32Array.of(0), Uint32Array.of(5), false)
  const { source, format, lines, offsets, lengths, time } = httpBlock([{}])
  const own = { at: () => 'grün' }
  const named = { at: () => 'login', ids: { epoch: 0.5, size: 3, of: Int32Array.of(2) } }
  const block: EventBlock = {
    kind: 'security',
    ...{ source, format, lines, offsets, lengths, time, raw, count: 1 },
    ...{ user: own, sourceIp: raw, host: own, program: own, eventType: own, action: named, message: own },
    outcome: Uint8Array.of(1),
  }
  const crossed = fromPortable(structuredClone(toPortable(block)))
  expect(strings(crossed, 0)).toEqual(strings(block, 0))
  expect(crossed.raw.at(0)).toBe('café')
  expect(crossed).toMatchObject({ action: { ids: named.ids } })
})

test('a text and its bytes are the same on either side', () => {
  const latin1 = (text: string) => Buffer.from(text).toString('latin1')
  const targets = ['/a', latin1('/café'), '/broken\u00c3', '']
  const block = httpBlock(targets.map((target) => ({ target })))
  const crossed = fromPortable(toPortable(block))
  if (crossed.kind !== 'http') throw new Error('requests are requests')
  for (const [i] of targets.entries()) {
    expect(crossed.target.at(i)).toBe(block.target.at(i))
    const { starts, ends } = block.target
    for (const { source } of [block.target, crossed.target]) {
      expect(Buffer.from(source.bytes.subarray(starts[i], ends[i])).toString()).toBe(block.target.at(i))
    }
  }
})
