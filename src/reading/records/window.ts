/** A stretch of a stream to cut records from. It begins at a record, or within an over-long one if `skip` says so. */
export interface RecordWindow {
  readonly bytes: Buffer
  readonly length: number
  /** Whether the stream ends here for good, so that an unterminated last record is whole. */
  readonly final: boolean
  /** 1-based number of the line at the beginning. */
  readonly line: number
  readonly maxRecordBytes: number
  readonly skip: string
}

/** How far a window was cut: what lies after `consumed` is looked at again when there is more of it. */
export interface Cut {
  readonly consumed: number
  /** Number of the line at `consumed`. */
  readonly line: number
  readonly skip: string
}
