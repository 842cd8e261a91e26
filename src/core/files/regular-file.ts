import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Larger than any model or rule file; what is larger was not written by this program. */
const MAX_BYTES = 512 * 2 ** 20

/**
 * Reads a whole file. A named pipe, which would wait for a writer, and a device, which may never end, are refused.
 * @throws Error if it cannot be read, is no regular file, or is too large
 */
export function readRegularFile(path: string): Buffer {
  // On Windows there is no such flag, and no named pipe among the files.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error(`${path} is no regular file`)
    if (stat.size > MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES / 2 ** 20} MB`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}
