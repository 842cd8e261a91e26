import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OddlineError } from '../../../src/core/errors.ts'
import {
  type Artifact,
  type ArtifactContent,
  ModelStore,
  readArtifact,
} from '../../../src/learning/models/artifacts.ts'
import { tempDir } from '../../support/temp.ts'

function content(text: string): ArtifactContent {
  return { files: new Map([['weights.bin', Buffer.from(text)]]), card: { trained_on: text.length } }
}

function textOf({ files }: ArtifactContent): string {
  return Buffer.from(files.get('weights.bin')!).toString()
}

const opened = async (artifact: Artifact) => `${artifact.version}: ${textOf(artifact)}`

describe('a model directory', () => {
  test('numbers versions, puts the newest in force and gives each back as it was', () => {
    const store = new ModelStore(join(tempDir(), 'models'))
    expect([store.versions(), store.current()]).toEqual([[], undefined])
    expect([store.save(content('one'), 5), store.save(content('two'), 5)]).toEqual([1, 2])
    expect(store.current()).toBe(2)
    const first = store.load(1)
    expect([textOf(first), first.card.trained_on, first.version]).toEqual(['one', 3, 1])
  })

  test('keeps the newest versions and the one in force, whatever its age', () => {
    const store = new ModelStore(tempDir())
    for (const text of ['a', 'b', 'c']) store.save(content(text), 2)
    expect(store.versions()).toEqual([2, 3])
    store.use(2)
    for (const text of ['d', 'e', 'f']) store.save(content(text), 2, false)
    expect([store.versions(), store.current()]).toEqual([[2, 5, 6], 2])
  })

  test('rolls back to a version that is there, and says which there are where it is not', () => {
    const store = new ModelStore(tempDir())
    store.save(content('a'), 5)
    store.save(content('b'), 5)
    store.use(1)
    expect(store.current()).toBe(1)
    expect(() => store.use(9)).toThrow(/no model version 9 .* There are: 1, 2/)
    expect(store.current()).toBe(1)
  })

  test('a version taken by another process meanwhile is not overwritten', () => {
    const dir = tempDir()
    const racing = new (class extends ModelStore {
      override versions(): number[] {
        return super.versions().filter((version) => version !== 1)
      }
    })(dir)
    new ModelStore(dir).save(content('theirs'), 5)
    expect(racing.save(content('ours'), 5)).toBe(2)
    expect([textOf(new ModelStore(dir).load(1)), textOf(new ModelStore(dir).load(2))]).toEqual(['theirs', 'ours'])
  })

  test('a save that fails leaves nothing behind and the version before in force', () => {
    const dir = tempDir()
    const store = new ModelStore(dir)
    store.save(content('good'), 5)
    const before = readdirSync(dir).sort()
    const unwritable = { files: new Map([['no/such/folder', Buffer.from('x')]]), card: {} }
    expect(() => store.save(unwritable, 5)).toThrow('ENOENT')
    expect(readdirSync(dir).sort()).toEqual(before)
    expect(store.current()).toBe(1)
  })

  test('what a process that died had begun to write is no version, and is swept away later', () => {
    const dir = tempDir()
    const store = new ModelStore(dir)
    const left = join(dir, '.partial-dead')
    mkdirSync(left)
    writeFileSync(join(left, 'weights.bin'), 'half')
    store.save(content('a'), 5)
    expect([store.versions(), existsSync(left)]).toEqual([[1], true])
    utimesSync(left, 1, 1)
    store.save(content('b'), 5)
    expect(existsSync(left)).toBe(false)
  })
})

describe('a damaged model', () => {
  const damages: [string, (dir: string) => void, RegExp][] = [
    ['a changed byte', (dir) => appendFileSync(join(dir, 'weights.bin'), 'x'), /checksum/],
    ['a missing file', (dir) => rmSync(join(dir, 'weights.bin')), /ENOENT/],
    ['a cut card', (dir) => writeFileSync(join(dir, 'model_config.json'), '{"format": 1'), /JSON/],
    [
      'a card of another format',
      (dir) => writeFileSync(join(dir, 'model_config.json'), '{"format": 9}'),
      /format is 9/,
    ],
    ['no directory at all', (dir) => rmSync(dir, { recursive: true }), /ENOENT/],
  ]

  test.each(damages)('%s is refused, and the last good version is opened instead', async (_, damage, reason) => {
    const store = new ModelStore(tempDir())
    store.save(content('good'), 5)
    store.save(content('bad'), 5)
    damage(store.path(2))
    const told: OddlineError[] = []
    expect(await store.openLastGood(2, opened, (error) => told.push(error))).toBe('1: good')
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ code: 'MODEL_INVALID', message: expect.stringMatching(reason) })
    expect(told[0].message).toContain(store.path(2))
  })

  test('where none can be read each one is told and none is opened', async () => {
    const store = new ModelStore(tempDir())
    for (const text of ['a', 'b']) {
      const version = store.save(content(text), 5)
      writeFileSync(join(store.path(version), 'weights.bin'), 'noise')
    }
    const told: OddlineError[] = []
    expect(await store.openLastGood(2, opened, (error) => told.push(error))).toBeUndefined()
    expect(told).toHaveLength(2)
  })

  test('whatever its decoder throws, older versions are tried', async () => {
    const store = new ModelStore(tempDir())
    store.save(content('good'), 5)
    const open = () => Promise.reject(new TypeError('templates is not iterable'))
    const problems: string[] = []
    expect(await store.openLastGood(1, open, (error) => problems.push(error.message))).toBeUndefined()
    expect(problems).toEqual([expect.stringMatching(/v1 cannot be used: templates is not iterable/)])
  })

  test('a thread that died is no fault of the model', async () => {
    const store = new ModelStore(tempDir())
    store.save(content('good'), 5)
    const open = () => Promise.reject(new OddlineError('THREAD_FAILED', 'no memory left'))
    await expect(store.openLastGood(1, open, () => {})).rejects.toMatchObject({ code: 'THREAD_FAILED' })
  })

  test('a card that names a file elsewhere is refused, for it may come from another host', () => {
    const dir = tempDir()
    const store = new ModelStore(dir)
    store.save(content('good'), 5)
    const card = join(store.path(1), 'model_config.json')
    for (const name of ['../current', '/etc/hostname', '.hidden', 'a/b']) {
      const forged = { ...JSON.parse(readFileSync(card, 'utf8')), checksums: { [name]: 'x' } }
      writeFileSync(card, JSON.stringify(forged))
      expect(() => readArtifact(store.path(1)), name).toThrow('is no name of a file of a model')
    }
  })
})
