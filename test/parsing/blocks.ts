import type { RecordBlock, SourceFile } from '../../src/core/columns/block.ts'

export const SOURCE: SourceFile = { id: 1, path: 'test.log', modifiedAt: Date.UTC(2017, 4, 1) }

/** A block of the records, as the reader cuts it from a file of one record a line. */
export function blockOf(records: readonly (string | Buffer)[], options: Partial<RecordBlock> = {}): RecordBlock {
  const parts = records.map((record) => (typeof record === 'string' ? Buffer.from(record) : record))
  const starts = new Uint32Array(parts.length)
  const ends = new Uint32Array(parts.length)
  let at = 0
  parts.forEach((part, i) => {
    starts[i] = at
    ends[i] = at + part.length
    at += part.length + 1
  })
  return {
    source: SOURCE,
    bytes: Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])),
    count: parts.length,
    starts,
    ends,
    flags: new Uint8Array(parts.length),
    lines: Uint32Array.from(parts, (_, i) => i + 1),
    offsets: Float64Array.from(starts),
    endOffset: at,
    ...options,
  }
}

/** A block of all lines of a file's bytes, blank ones too. */
export function blockOfLines(bytes: Buffer, source = SOURCE): RecordBlock {
  const starts: number[] = []
  const ends: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at)
    const end = newline < 0 ? bytes.length : newline
    starts.push(at)
    ends.push(end)
    at = end + 1
  }
  return {
    source,
    bytes,
    count: starts.length,
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    flags: new Uint8Array(starts.length),
    lines: Uint32Array.from(starts, (_, i) => i + 1),
    offsets: Float64Array.from(starts),
    endOffset: bytes.length,
  }
}
