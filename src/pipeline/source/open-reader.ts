import { resolve } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import { withOverrides } from '../../parsing/sniff.ts'
import { Reader } from '../../reading/reader.ts'
import type { EngineSettings } from '../engine/engine-protocol.ts'

/** Text of this size is freed with the young generation. V8 keeps a megabyte outside the heap and frees it late. */
const CHUNK_BYTES = 512 * 1024
const MAX_OPEN_FILES = 64

/** Reads the log directory from the stored positions; without them, from the beginning. */
export function openReader({ logs }: Pick<EngineSettings, 'logs'>, stored: readonly StoredFile[]): Reader {
  return new Reader(
    {
      logDir: resolve(logs.dir),
      include: logs.include,
      exclude: logs.exclude,
      maxRecordBytes: logs.max_line_bytes,
      chunkBytes: CHUNK_BYTES,
      settleMs: logs.settle_seconds * 1000,
      maxOpenFiles: MAX_OPEN_FILES,
      sniff: withOverrides(logs.formats),
      clock: systemClock,
    },
    stored,
  )
}
