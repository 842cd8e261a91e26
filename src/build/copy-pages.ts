import { cpSync } from 'node:fs'

/** Puts the files for browsers beside the compiled code that reads them: a part of the build. */
for (const folder of ['look', 'report', 'dashboard']) {
  const target = new URL(`../faces/${folder}/public/`, import.meta.url)
  const source = new URL(`../../../src/faces/${folder}/public/`, import.meta.url)
  cpSync(source, target, { recursive: true })
}
