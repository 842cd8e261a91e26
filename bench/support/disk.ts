import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that a file or directory takes on its disk; 0 if it is not there. */
export function bytesIn(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return 512 * stat.blocks
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}
