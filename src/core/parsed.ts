import type { BlockFormat, EventBlock } from './columns/block.ts'

/** How the bytes of a file are cut into records. */
export type Framing = 'lines' | 'json-array' | 'csv'

/** What the first bytes of a file say about it. */
export interface Sniffed {
  readonly format: BlockFormat | 'binary' | 'unknown'
  readonly framing: Framing
  /** What the parser must remember when reading resumes in the middle, such as a CSV header; empty if nothing. */
  readonly context: string
}

/** A record that no parser could read. It is counted and kept in the rejects file of its batch. */
export interface Reject {
  readonly line: number
  readonly offset: number
  readonly length: number
  readonly reason: string
  /** The record's text, bounded. */
  readonly text: string
}

export interface Parsed {
  readonly events: EventBlock
  readonly rejects: readonly Reject[]
  /** Records that hold nothing: blank lines, a CSV header. Neither parsed nor rejected. */
  readonly skipped: number
}
