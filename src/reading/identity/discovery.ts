/** A standing condition of a file, not of a line. It goes away when the file changes for the better. */
export interface ReadProblem {
  readonly path: string
  readonly kind: ProblemKind
  readonly detail: string
}

export type ProblemKind =
  | 'unreadable'
  | 'binary'
  | 'unsupported_compression'
  | 'corrupt_gzip'
  | 'truncated_gzip'
  | 'gzip_bomb'

/** What a look at the directory found. */
export interface Discovery {
  /** Files that are there and not empty. */
  readonly files: number
  /** Those of them with something to read. */
  readonly toRead: number
  /** Content to read; an estimate where it is compressed. */
  readonly bytesToRead: number
  readonly problems: readonly ReadProblem[]
}
