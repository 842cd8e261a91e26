/** Reads the decompressed content of one file from a position on. */
export interface ByteSource {
  /**
   * Returns `length` bytes from `position` on, or fewer at the current end of the file. The view is valid until the
   * next call. `position` must not be before the start of the previous view. Returns `changed` if the file no longer
   * contains the bytes that were read before `position`.
   */
  fill(position: number, length: number): Promise<Buffer | 'changed'>
  /** Hash of the bytes before `position`, which must be inside the last view or at its end. */
  markerAt(position: number): string
  /**
   * How the content ended, once `fill` returned fewer bytes than requested. A plain file is always `open`: it may grow.
   */
  readonly end: SourceEnd
  close(): void
}

export type SourceEnd = 'open' | 'complete' | 'truncated' | 'corrupt' | 'bomb'

/** What the file must still contain if it is the one that was read before. */
export interface ExpectedContent {
  readonly headLength: number
  readonly headHash: string
  readonly position: number
  readonly markerHash: string
}

/** Memory for the current view of a plain file, shared by all open files. */
export interface Scratch {
  bytes: Buffer
}
