import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory of the test's own, removed when it has finished. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
