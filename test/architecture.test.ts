import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { definedTwice, violations } from './support/architecture.ts'

const root = resolve(import.meta.dirname, '..')

function filesUnder(...folders: string[]): Map<string, string> {
  const entries = folders.flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [relative(root, path).replaceAll(sep, '/'), readFileSync(path, 'utf8')]))
}

test('every file keeps the import law', () => {
  expect(violations(filesUnder('src', 'sinks', 'test', 'bench'))).toEqual([])
})

test('an exported name means one thing', () => {
  expect([...definedTwice(filesUnder('src'))]).toEqual([])
})

test('a schema and its type are one name, two functions are two', () => {
  const files = {
    'src/core/a.ts': 'export const Silence = z.object({})\nexport type Silence = z.infer<typeof Silence>',
    'src/core/b.ts': 'export function bytes() {}',
    'src/faces/c.ts': 'export async function bytes() {}',
  }
  expect([...definedTwice(new Map(Object.entries(files)))]).toEqual([['bytes', ['src/core/b.ts', 'src/faces/c.ts']]])
})

describe('the import law refuses', () => {
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`src/core/many/f${i}.ts`, '']))

  test.each<[what: string, files: Record<string, string>, said: RegExp]>([
    [
      'a stage that opens a database',
      { 'src/parsing/a.ts': "import S from 'better-sqlite3'" },
      /package better-sqlite3/,
    ],
    ['a stage that speaks HTTP', { 'src/core/a.ts': "import 'node:http'" }, /package node:http/],
    ['a detector that writes logs', { 'src/detectors/rules/x/a.ts': "import { pino } from 'pino'" }, /package pino/],
    ['a database outside the store', { 'src/faces/a.ts': "import S from 'better-sqlite3'" }, /package better-sqlite3/],
    [
      'core that imports upwards',
      { 'src/core/a.ts': "import { b } from '../store/b.ts'" },
      /core may not import store/,
    ],
    [
      'a type that core takes from above',
      { 'src/core/a.ts': "import type { B } from '../config/b.ts'" },
      /core may not/,
    ],
    [
      'a face that reads the store',
      { 'src/faces/cli/a.ts': "import { b } from '../../store/b.ts'" },
      /faces may not import store/,
    ],
    [
      'a face that loads the store late',
      { 'src/faces/a.ts': "await import('../store/b.ts')" },
      /faces may not import store/,
    ],
    [
      'a pipeline that knows its faces',
      { 'src/pipeline/a.ts': "import { b } from '../faces/b.ts'" },
      /pipeline may not/,
    ],
    [
      'a value where only types are allowed',
      { 'src/telemetry/a.ts': "import { b } from '../delivery/b.ts'" },
      /telemetry may not/,
    ],
    [
      'a detector that knows another',
      { 'src/detectors/rules/a.ts': "import { b } from '../transformer/b.ts'" },
      /may not import detectors\/transformer/,
    ],
    ['SQL in the pipeline', { 'src/pipeline/a.ts': 'db.prepare(sql)' }, /SQL outside/],
    ['SQL kept in a constant', { 'src/control/a.ts': 'const Q = `SELECT id\n FROM findings`' }, /SQL outside/],
    ['a sink that imports the host', { 'sinks/x/a.ts': "import { b } from '../../src/core/b.ts'" }, /instead of #sink/],
    [
      'a source file that imports a test',
      { 'src/core/a.ts': "import { b } from '../../test/b.ts'" },
      /imports test\/b/,
    ],
    ['a test that imports a benchmark', { 'test/a.ts': "import { b } from '../bench/b.ts'" }, /a test imports bench/],
    ['an end of the process outside main', { 'src/faces/cli/a.ts': 'process.exit(1)' }, /only main/],
    ['a folder that is not in the table', { 'src/novel/a.ts': '' }, /src\/novel is not in the table/],
    ['a long file', { 'src/core/a.ts': '\n'.repeat(301) }, /301 lines/],
    ['a full folder', many, /src\/core\/many: 17 files/],
    [
      'a cycle of values',
      { 'src/core/a.ts': "import { b } from './b.ts'", 'src/core/b.ts': "export { a } from './a.ts'" },
      /a\.ts -> src\/core\/b\.ts -> src\/core\/a\.ts: an import cycle/,
    ],
    [
      'a cycle of types',
      {
        'src/core/a.ts': "import type { B } from './b.ts'",
        'src/core/b.ts': "import type { C } from './c.ts'",
        'src/core/c.ts': "import {\n  type A,\n} from './a.ts'",
      },
      /an import cycle/,
    ],
  ])('%s', (_, files, said) => {
    const [violation, ...more] = violations(new Map(Object.entries(files)))
    expect(violation).toMatch(said)
    expect(more).toEqual([])
  })

  test('and allows what it names', () => {
    const files = {
      'src/faces/a.ts': "import { b } from '../queries/b.ts'\nimport type { C } from '../core/c.ts'",
      'src/queries/b.ts': "import type { Figures } from '../telemetry/metrics.ts'\nexport const b = 'SELECT 1 FROM x'",
      'src/main.ts': "import { x } from './faces/x.ts'\nprocess.exit(0)",
      'sinks/x/sink.ts': "import { defineSink } from '#sink'\nimport axios from 'axios'\nimport { y } from './y.ts'",
    }
    expect(violations(new Map(Object.entries(files)))).toEqual([])
  })
})

/** Objects that better-sqlite3 makes anew each time: see src/store/sqlite/kept-database.ts. */
const COLLECTED = /\bnew BetterSqlite3\(|\.(?:iterate|pragma|backup)\(/

test('no file leaves an object of better-sqlite3 to be collected', () => {
  expect([...filesUnder('src')].filter(([, text]) => COLLECTED.test(text)).map(([path]) => path)).toEqual([])
})
