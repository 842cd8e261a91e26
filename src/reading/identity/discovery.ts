import type { Help } from '../../core/documents/help.ts'

/** A standing condition of a file, not of a line. It goes away when the file changes for the better. */
export interface ReadProblem {
  readonly path: string
  readonly kind: ProblemKind
  readonly detail: string
}

/** `ERRORS.md` shows this table. */
export const READ_PROBLEMS = {
  unreadable: {
    meaning: 'The file or directory cannot be opened or read.',
    remedy: 'Check that it exists and that the user of Oddline may read it.',
  },
  binary: {
    meaning: 'The file does not look like text and is left alone.',
    remedy: 'Leave it out with `logs.exclude`.',
  },
  unsupported_compression: {
    meaning: 'The file is compressed with something other than gzip and is left alone.',
    remedy: 'Compress rotated logs with gzip, or leave the file out with `logs.exclude`.',
  },
  corrupt_gzip: {
    meaning: 'The gzip file is damaged; what stands before the damage was read.',
    remedy: 'Restore the file from a copy.',
  },
  truncated_gzip: {
    meaning: 'The gzip file breaks off; what stands before that was read.',
    remedy: 'Restore the file from a copy; it may have been copied while it was written.',
  },
  gzip_bomb: {
    meaning: 'The gzip file expands beyond reason; only its beginning was read.',
    remedy: 'Find out who wrote the file. If it is meant, unpack it yourself.',
  },
  too_large: {
    meaning: 'A file given for analysis is larger than `api.max_file_bytes`; the rest was not read.',
    remedy: 'Raise `api.max_file_bytes`, or split the file.',
  },
} as const satisfies Record<string, Help>

export type ProblemKind = keyof typeof READ_PROBLEMS

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
