import { rename, rm } from 'node:fs/promises'

/** Renames path.(keep-1) to path.keep, ..., path to path.1. A crash in between leaves a gap in the numbers and loses nothing. */
export async function rotate(path: string, keep: number): Promise<void> {
  await rm(`${path}.${keep}`, { force: true })
  for (let n = keep - 1; n >= 1; n--) await renameIfThere(`${path}.${n}`, `${path}.${n + 1}`)
  await renameIfThere(path, `${path}.1`)
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
