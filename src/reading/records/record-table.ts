import type { RecordBlock } from '../../core/columns/block.ts'

type Columns = Pick<RecordBlock, 'starts' | 'ends' | 'lines' | 'flags' | 'offsets'>

/** The records of one window, as growing columns. The memory is reused for every block. */
export class RecordTable {
  count = 0
  starts = new Uint32Array(8192)
  ends = new Uint32Array(8192)
  lines = new Uint32Array(8192)
  flags = new Uint8Array(8192)
  #offsets = new Float64Array(8192)

  clear(): void {
    this.count = 0
  }

  add(start: number, end: number, line: number, flag: number): void {
    const index = this.count
    if (index === this.starts.length) this.grow()
    this.starts[index] = start
    this.ends[index] = end
    this.lines[index] = line
    this.flags[index] = flag
    this.count = index + 1
  }

  /** Moves the records from `first` on by `bytes`: they were cut from a later part of the window. */
  shift(first: number, bytes: number): void {
    for (let i = first; i < this.count; i++) {
      this.starts[i] += bytes
      this.ends[i] += bytes
    }
  }

  /** The columns of a block, valid until `clear`. `base` is the file offset of the window's first byte. */
  columns(base: number): Columns {
    const { count, starts } = this
    if (this.#offsets.length < count) this.#offsets = new Float64Array(starts.length)
    const offsets = this.#offsets
    for (let i = 0; i < count; i++) offsets[i] = base + starts[i]
    return {
      starts: starts.subarray(0, count),
      ends: this.ends.subarray(0, count),
      lines: this.lines.subarray(0, count),
      flags: this.flags.subarray(0, count),
      offsets: offsets.subarray(0, count),
    }
  }

  grow(): void {
    const capacity = this.starts.length * 2
    this.starts = widened(this.starts, new Uint32Array(capacity))
    this.ends = widened(this.ends, new Uint32Array(capacity))
    this.lines = widened(this.lines, new Uint32Array(capacity))
    this.flags = widened(this.flags, new Uint8Array(capacity))
  }
}

function widened<Column extends Uint32Array | Uint8Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
