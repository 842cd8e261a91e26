import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Identification } from '../../../src/reading/identity/identify.ts'
import { rotatedName } from '../../../src/reading/identity/rotated-name.ts'
import { scan } from '../../../src/reading/identity/scan.ts'
import { KnownFiles } from '../../../src/reading/known-files.ts'
import { optionsFor, Runs, temporaryDir } from '../support.ts'

describe('telling what a file is', () => {
  it('waits with a file whose content is that of a stream whose inode cannot be looked at now', async () => {
    const dir = temporaryDir()
    const log = join(dir, 'a.log')
    const runs = new Runs(optionsFor(dir))
    writeFileSync(log, 'one\ntwo\n')
    await runs.run()
    const before = scan(optionsFor(dir), Date.now()).files
    renameSync(log, join(temporaryDir(), 'elsewhere'))
    writeFileSync(join(dir, 'a.log.1'), 'one\ntwo\nthree\n')
    const rows = new KnownFiles(runs.stored)
    const after = scan(optionsFor(dir), Date.now()).files
    const matches = await new Identification(rows, Date.now()).run([...before, ...after], new Set())
    expect(matches.map(({ id, state }) => ({ id, state }))).toEqual([{ id: 1, state: 'wait' }])
    expect(rows.all()).toHaveLength(1)
  })

  it('takes no new file of a set that is being rotated, and reads the files that it knows', async () => {
    const dir = temporaryDir()
    const runs = new Runs(optionsFor(dir))
    writeFileSync(join(dir, 'a.log'), 'one\n')
    await runs.run()
    writeFileSync(join(dir, 'a.log.1'), 'two\n')
    const rows = new KnownFiles(runs.stored)
    const { files } = scan(optionsFor(dir), Date.now())
    const matches = await new Identification(rows, Date.now()).run(files, new Set(['a.log']))
    expect(matches.map(({ found }) => found.path)).toEqual([join(dir, 'a.log')])
  })
})

describe('the name of a rotated file', () => {
  it.each([
    ['access.log', 'access.log', ''],
    ['access.log.1', 'access.log', 'n000001'],
    ['access.log.2.gz', 'access.log', 'n000002z'],
    ['app.3.log', 'app.log', 'n000003'],
    ['syslog.old', 'syslog', 'b'],
    ['app.log.gz', 'app.log', 'z'],
  ])('%s is of %s and of age %s', (name, base, age) => {
    expect(rotatedName(`/var/log/${name}`)).toEqual({ base, set: `/var/log/${base}`, age })
  })

  it.each([
    ['access.log-20260102', 'access.log-20260101'],
    ['access-2026-01-02.log', 'access-2026-01-01.log'],
    ['access.log-2026010209.gz', 'access.log-2026010208.gz'],
    ['access.log.1767312000', 'access.log.1767225600'],
  ])('%s is younger than %s of the same set', (younger, older) => {
    const [a, b] = [rotatedName(younger), rotatedName(older)]
    expect(a.set).toBe(b.set)
    expect(a.age < b.age).toBe(true)
    expect(a.age > '').toBe(true)
  })
})
