import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '../../src/core/errors.ts'
import { EXIT, EXIT_MEANINGS } from '../../src/faces/cli/exit-codes.ts'
import { errorsPage } from './support/errors-page.ts'
import { expectPinned } from './support/pinned.ts'

test('ERRORS.md lists every code that a user can meet, with the remedy of the code', () => {
  expectPinned('ERRORS.md', errorsPage())
})

test('the table of exit codes in the README is the one of the code', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, section] = readme.split('## Exit codes\n')
  const rows = [...section.split('\n## ')[0].matchAll(/^\| (\d+) \| (.*) \|$/gm)]
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(EXIT_MEANINGS)
})

test('every exit code that the program ends with has a meaning', () => {
  const used = [...Object.values(ERROR_CODES).map(({ exit }) => exit), ...Object.values(EXIT)]
  expect([...new Set(used)].sort((a, b) => a - b)).toEqual(Object.keys(EXIT_MEANINGS).map(Number))
})
