import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that a file or directory takes on its disk; 0 for what is not there, or is removed at this moment. */
export function bytesIn(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return 512 * stat.blocks
  return namesIn(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0)
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
