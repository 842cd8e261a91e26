import { type EventBlock, SliceColumn, type StringColumn } from './block.ts'
import { ByteText } from './byte-text.ts'
import type { Ids } from './dictionary.ts'

type Numbers = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array

/** A column in transferable form: slices of the block's text, numbered names, or plain strings. */
type PortableColumn = PortableSlices | PortableNames | readonly string[]

/** A column with few different texts: each text is stored once, at its number. */
interface PortableNames {
  readonly names: readonly string[]
  readonly ids: Ids
}

interface PortableSlices {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly ids?: Ids
}

/**
 * A block in a form that threads can share: its text and number columns are in one piece of shared memory and are not
 * copied.
 */
export interface PortableBlock {
  readonly memory: SharedArrayBuffer
  /** One byte per character. */
  readonly text: Uint8Array
  readonly ascii: boolean
  readonly columns: Readonly<Record<string, PortableColumn>>
  /** Every property that is not a string column, by name. */
  readonly plain: Readonly<Record<string, unknown>>
}

/** Copies a block into shared memory. `take` must return at least the requested number of bytes. */
export function toPortable(
  block: EventBlock,
  take: (bytes: number) => SharedArrayBuffer = (bytes) => new SharedArrayBuffer(bytes),
): PortableBlock {
  const { raw } = block
  const text = raw instanceof SliceColumn ? raw.source : undefined
  const size = text?.bytes.length ?? 0
  const entries = Object.entries(block)
  const arrays = entries.flatMap(([, value]): Numbers[] => {
    if (ArrayBuffer.isView(value)) return [value as Numbers]
    if (!isSlices(value, text)) return []
    return value.ids ? [value.starts, value.ends, value.ids.of] : [value.starts, value.ends]
  })
  const memory = take(arrays.reduce((sum, { byteLength }) => sum + aligned(byteLength), aligned(size)))
  const bytes = new Uint8Array(memory, 0, size)
  if (text) bytes.set(text.bytes)
  let at = aligned(size)
  const shared = <T extends Numbers>(array: T): T => {
    const View = array.constructor as new (memory: SharedArrayBuffer, at: number, length: number) => T
    const view = new View(memory, at, array.length)
    view.set(array)
    at += aligned(array.byteLength)
    return view
  }
  const columns: Record<string, PortableColumn> = {}
  const plain: Record<string, unknown> = {}
  for (const [name, value] of entries) {
    if (isSlices(value, text)) {
      const { starts, ends, ids } = value
      columns[name] = { starts: shared(starts), ends: shared(ends), ids: ids && { ...ids, of: shared(ids.of) } }
    } else if (ArrayBuffer.isView(value)) plain[name] = shared(value as Numbers)
    else if (isColumn(value)) columns[name] = namesOf(value, block.count) ?? textsOf(value, block.count)
    else plain[name] = value
  }
  const ascii = !(raw instanceof SliceColumn) || raw.ascii
  return { memory, text: bytes, ascii, columns, plain }
}

/** Rebuilds a block over the shared memory, without copying it. */
export function fromPortable({ text: bytes, ascii, columns, plain }: PortableBlock): EventBlock {
  const text = new ByteText(bytes)
  const block: Record<string, unknown> = { ...plain }
  for (const [name, column] of Object.entries(columns)) {
    if ('starts' in column) block[name] = new SliceColumn(text, column.starts, column.ends, ascii, column.ids)
    else block[name] = 'names' in column ? nameColumn(column) : textColumn(column)
  }
  return block as unknown as EventBlock
}

function isSlices(value: unknown, text: ByteText | undefined): value is SliceColumn {
  return value instanceof SliceColumn && value.source === text
}

function isColumn(value: unknown): value is StringColumn {
  return typeof value === 'object' && value !== null && 'at' in value
}

function textsOf(column: StringColumn, count: number): string[] {
  return Array.from({ length: count }, (_, i) => column.at(i))
}

/** Undefined if the column has no numbers, or a text without one. */
function namesOf(column: StringColumn, count: number): PortableNames | undefined {
  const { ids } = column
  if (!ids) return undefined
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    const id = ids.of[i]
    if (id < 0) return undefined
    names[id] ??= column.at(i)
  }
  return { names, ids }
}

function nameColumn({ names, ids }: PortableNames): StringColumn {
  return { at: (index) => names[ids.of[index]], ids }
}

function textColumn(texts: readonly string[]): StringColumn {
  return { at: (index) => texts[index] }
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8
}
