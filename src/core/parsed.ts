import type { BlockFormat, EventBlock } from './columns/block.ts'

/** How the bytes of a file are cut into records. */
export type Framing = 'lines' | 'json-array' | 'csv'

/** The format of a file, detected from its first bytes. */
export interface Sniffed {
  readonly format: BlockFormat | 'binary' | 'unknown'
  readonly framing: Framing
  /** What the parser needs when reading resumes in the middle of a file, such as the CSV header; empty if nothing. */
  readonly context: string
}

/** A record that could not be parsed. It is counted, and written to the rejects file of its batch. */
export interface Reject {
  readonly line: number
  readonly offset: number
  readonly length: number
  readonly reason: string
  /** The record's text, shortened. */
  readonly text: string
}

export interface Parsed {
  readonly events: EventBlock
  readonly rejects: readonly Reject[]
  /** Number of records without content, such as blank lines and CSV headers. They are neither parsed nor rejected. */
  readonly skipped: number
}

/** The reason of a reject without its place in the line: rejects of one kind have the same. */
export function kindOfReject({ reason }: Pick<Reject, 'reason'>): string {
  return reason.replace(/ \(column \d+\)$/, '')
}
