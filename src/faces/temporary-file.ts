import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes an upload to a file that only this user can read, and removes it after `use`. */
export async function withTemporaryFile<T>(
  content: Readable,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'oddline-'))
  try {
    const path = join(folder, safeName(name))
    await pipeline(content, createWriteStream(path, { mode: 0o600 }))
    return await use(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A file name without folders, leading dots and special characters; its ending still shows the format. */
function safeName(name: string): string {
  const safe = name
    .replace(/^.*[/\\]/, '')
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '')
    .slice(-80)
  return safe || 'logs'
}
