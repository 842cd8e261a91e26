import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Puts logs that somebody handed over into a file of their own for the length of `use`, readable by us alone. */
export async function withTemporaryFile<T>(
  content: string | Readable,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'oddline-'))
  try {
    const path = join(folder, safeName(name))
    if (typeof content === 'string') await writeFile(path, content, { mode: 0o600 })
    else await pipeline(content, createWriteStream(path, { mode: 0o600 }))
    return await use(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The end of a name that says what is inside, without anything that a file system would read into it. */
function safeName(name: string): string {
  const safe = name
    .replace(/^.*[/\\]/, '')
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '')
    .slice(-80)
  return safe || 'logs'
}
