import type { ReadProblem, ReadProblemKind } from '../../core/documents/batch.ts'
import type { Help } from '../../core/documents/help.ts'

/** `ERRORS.md` shows this table. */
export const READ_PROBLEMS = {
  unreadable: {
    meaning: 'The file or directory cannot be opened or read.',
    remedy: 'Check that it exists and that the user of Oddline may read it.',
  },
  binary: {
    meaning: 'The file is no log: binary records, a database, an image. It is skipped, which is said once.',
    remedy: 'Nothing. If it is a log, name its format under `logs.formats`.',
  },
  unsupported_compression: {
    meaning: 'The file is compressed with something other than gzip. It is skipped, which is said once.',
    remedy: 'Compress rotated logs with gzip if they should be read.',
  },
  encrypted: {
    meaning: 'The file is encrypted and cannot be read.',
    remedy: 'Decrypt it, or leave it out with `logs.exclude`.',
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
} as const satisfies Record<ReadProblemKind, Help>

/** Result of looking for files in the log directory. */
export interface Discovery {
  /** Number of files that are not empty. */
  readonly files: number
  /** Number of them with something left to read. */
  readonly toRead: number
  /** Bytes to read; an estimate for compressed files. */
  readonly bytesToRead: number
  readonly problems: readonly ReadProblem[]
}
