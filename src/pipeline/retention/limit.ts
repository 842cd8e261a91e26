import { existsSync, statfsSync } from 'node:fs'

/** The part of a disk that the database may take, and that the results may take, whatever their limits. */
const SHARE_OF_DISK = 0.25

/** The largest size in bytes of what is in a directory: `limit`, or less on a small disk. */
export function limitOn(dir: string, limit: number): number {
  if (!existsSync(dir)) return limit
  const { blocks, bsize } = statfsSync(dir)
  // Some file systems do not say how large they are.
  return blocks > 0 ? Math.min(limit, SHARE_OF_DISK * blocks * bsize) : limit
}
