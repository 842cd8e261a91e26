import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

/** Compares what the code says now with a file under version control; `npm run pin` writes the file instead. */
export function expectPinned(file: string, now: string): void {
  const path = join(ROOT, file)
  if (process.env.UPDATE_PINNED) writeFileSync(path, now)
  const pinned = existsSync(path) ? readFileSync(path, 'utf8') : ''
  expect(now, `${file} differs from the code. ${ADVICE}`).toBe(pinned)
}

const ADVICE =
  'Users rely on what it says (STABILITY.md). If the change is meant, run `npm run pin`, commit the file, and add an ' +
  'entry under Unreleased in CHANGELOG.md; if it breaks somebody, say there how to move on.'
