import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tooOld } from '../../src/core/node-version.ts'
import { tempDir } from '../support/temp.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The built program with the packages of the repository, but for a copy of one of them that may be spoilt. */
function installed(own: string): string {
  const dir = tempDir()
  const packages = join(dir, 'node_modules')
  mkdirSync(packages)
  for (const name of ['dist', 'config', 'models', 'package.json']) symlinkSync(join(ROOT, name), join(dir, name))
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    const source = join(ROOT, 'node_modules', name)
    if (name !== own) symlinkSync(source, join(packages, name))
    else
      cpSync(source, join(packages, name), {
        recursive: true,
        filter: (path) => !/[\\/]deps$/.test(path),
      })
  }
  mkdirSync(join(dir, 'logs'))
  writeFileSync(
    join(dir, 'logs/access.log'),
    '192.0.2.1 - - [30/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n',
  )
  return dir
}

function run(dir: string) {
  // The links are kept as they are, so that packages are looked for here and not in the repository.
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main']
  return spawnSync(process.execPath, [...flags, join(dir, 'dist/src/main.js'), 'run', '--once', '--log-dir', 'logs'], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: flags[0] },
  })
}

const ONE_SENTENCE = (about: string) => new RegExp(`^oddline: NATIVE_MODULE: [^\\n]*${about}[^\\n]*\\n$`)

describe('a program that this Node cannot run', () => {
  test.each(['16.20.2', '18.20.8', '20.18.3'])('is refused on Node %s', (version) => {
    expect(tooOld(version)).toMatch(/needs Node 20\.19 or newer/)
  })

  test.each(['20.19.0', '22.0.0', '24.19.0', '26.1.0'])('is not refused on Node %s', (version) => {
    expect(tooOld(version)).toBeUndefined()
  })

  test('says what to do where the binary of better-sqlite3 does not load', () => {
    const dir = installed('better-sqlite3')
    spoilBinaries(join(dir, 'node_modules/better-sqlite3'))
    const { status, stderr } = run(dir)
    expect(stderr).toMatch(ONE_SENTENCE('npm rebuild better-sqlite3'))
    expect(status).toBe(3)
  })

  test.runIf(Number(process.versions.napi) < 10)('says what to do where better-sqlite3 is too new for it', () => {
    const dir = installed('better-sqlite3')
    const manifest = join(dir, 'node_modules/better-sqlite3/package.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": "[^"]+"/, '"version": "13.2.0"'))
    const { status, stderr } = run(dir)
    expect(stderr).toMatch(ONE_SENTENCE('npm install better-sqlite3@12'))
    expect(status).toBe(3)
  })
})

function spoilBinaries(folder: string): void {
  const binaries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.node'))
  expect(binaries.length).toBeGreaterThan(0)
  for (const path of binaries) writeFileSync(join(folder, path), 'a binary for another Node')
}
