import { type EventBlock, SliceColumn, type StringColumn } from './block.ts'
import type { Ids } from './dictionary.ts'

/** A column as it crosses to another thread: slices of the block's text, or texts of its own. */
type PortableColumn = PortableSlices | readonly string[]

interface PortableSlices {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly ids?: Ids
}

/** A block in a form that the structured clone algorithm copies whole: it knows no classes, and it would copy a text once for each column of slices. */
export interface PortableBlock {
  readonly text: string
  readonly ascii: boolean
  readonly columns: Readonly<Record<string, PortableColumn>>
  /** Numbers and what else is no column of strings, under their own names. */
  readonly plain: Readonly<Record<string, unknown>>
}

export function toPortable(block: EventBlock): PortableBlock {
  const columns: Record<string, PortableColumn> = {}
  const plain: Record<string, unknown> = {}
  const { text, ascii } = sharedText(block)
  for (const [name, value] of Object.entries(block)) {
    if (value instanceof SliceColumn && value.text === text) {
      columns[name] = { starts: value.starts, ends: value.ends, ids: value.ids }
    } else if (isColumn(value)) columns[name] = Array.from({ length: block.count }, (_, i) => value.at(i))
    else plain[name] = value
  }
  return { text, ascii, columns, plain }
}

export function fromPortable({ text, ascii, columns, plain }: PortableBlock): EventBlock {
  const block: Record<string, unknown> = { ...plain }
  for (const [name, column] of Object.entries(columns)) {
    block[name] =
      'starts' in column ? new SliceColumn(text, column.starts, column.ends, ascii, column.ids) : textColumn(column)
  }
  return block as unknown as EventBlock
}

/** The text that the records were cut from. */
function sharedText({ raw }: EventBlock): { readonly text: string; readonly ascii: boolean } {
  return raw instanceof SliceColumn ? raw : { text: '', ascii: true }
}

function isColumn(value: unknown): value is StringColumn {
  return typeof value === 'object' && value !== null && 'at' in value && !ArrayBuffer.isView(value)
}

function textColumn(texts: readonly string[]): StringColumn {
  return { at: (index) => texts[index] }
}
