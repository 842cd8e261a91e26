import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { tempDir } from './temp.ts'

const DIR = join(import.meta.dirname, '../fixtures/states')

/** States that earlier versions wrote, with the logs that they had read. */
export const OLD_STATES = readdirSync(DIR)
  .filter((file) => file.endsWith('.br'))
  .map((file) => file.replace('.br', ''))

/** A directory with `logs/` and `state/`. The file is a line of JSON, names and lengths, and then the files' bytes. */
export function oldState(name: string): string {
  const packed = brotliDecompressSync(readFileSync(join(DIR, `${name}.br`)))
  const end = packed.indexOf('\n')
  const dir = tempDir()
  let at = end + 1
  for (const [path, length] of JSON.parse(packed.toString('utf8', 0, end)) as [string, number][]) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), packed.subarray(at, at + length))
    at += length
  }
  return dir
}
