/** Content of one file, decompressed, from a position on. */
export interface ByteSource {
  /**
   * Up to `length` bytes from `position` on, as a view that is good until the next call; fewer come only at the present
   * end. Positions never go back by more than the view before. `changed` says that the file no longer holds what was
   * read from it before `position`.
   */
  fill(position: number, length: number): Promise<Buffer | 'changed'>
  /** Hash of what lies before `position`, which is within the last view or its end. */
  markerAt(position: number): string
  /** How the content ended, once `fill` gave less than was asked for. A plain file may always grow. */
  readonly end: SourceEnd
  close(): void
}

export type SourceEnd = 'open' | 'complete' | 'truncated' | 'corrupt' | 'bomb'

/** What must still be there for the content to be the one that was read before. */
export interface Known {
  readonly headLength: number
  readonly headHash: string
  readonly position: number
  readonly markerHash: string
}

/** Memory for the view of one plain file at a time, shared by all that are open. */
export interface Scratch {
  bytes: Buffer
}
