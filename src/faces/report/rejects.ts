import { closeSync, openSync, readSync } from 'node:fs'
import type { Reject } from '../../core/parsed.ts'

const HEAD = 64 * 1024
const MOST = 20

/** The first lines of a rejects file: enough to see what kind of line was not understood. */
export function firstRejects(path: string): (Reject & { readonly file: string })[] {
  const head = Buffer.alloc(HEAD)
  let length = 0
  try {
    const fd = openSync(path, 'r')
    try {
      length = readSync(fd, head, 0, HEAD, 0)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const lines = head.toString('utf8', 0, length).split('\n')
  // The last piece is empty, or cut off by the end of the head.
  return lines
    .slice(0, -1)
    .slice(0, MOST)
    .map((line) => JSON.parse(line))
}
