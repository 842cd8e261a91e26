import { closeSync, fsyncSync, openSync } from 'node:fs'

/** What file systems and systems say that cannot synchronise a directory. */
const UNSUPPORTED = new Set(['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP', 'EACCES'])

/** Puts the names in a directory on the disk: after a power loss, a file renamed before this has its new name. */
export function syncDirectory(path: string): void {
  try {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (!UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
