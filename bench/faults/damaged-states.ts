import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Scenario } from './scenario.ts'
import { type Damage, tryDamages } from './trained-place.ts'

/** The files of a model version that a trained state has. */
const MODEL_FILES = [
  'isolation_forest.bin',
  'isolation_forest.onnx',
  'model_config.json',
  'template_vocab.json',
  'templates.bin',
]
const CHECKPOINTS = ['learning', 'detector.rules', 'detector.isolation_forest', 'drift.isolation_forest']
/** The training set of a training that is over, and figures that are made anew: their damage costs nothing. */
const SPARE_CHECKPOINTS = ['learning.lessons', 'learning.drift']
const MODEL_TOLD = /model.*cannot be used/i
const CHECKPOINT_TOLD = /cannot be read|cannot be used/i

/** The models and the saved state of a program that has learnt are damaged; it goes on by what is left. */
export const damagedStates: readonly Scenario[] = [
  scenario('models missing', MODEL_TOLD, {
    'all versions': (state) => {
      for (const path of versions(state)) rmSync(path, { recursive: true })
    },
    'the whole directory': (state) => rmSync(join(state, 'models'), { recursive: true }),
    ...eachFile((path) => rmSync(path)),
  }),
  scenario('models flipped', MODEL_TOLD, eachFile(flip)),
  scenario('models truncated', MODEL_TOLD, {
    ...named('half', eachFile(halve)),
    ...named(
      'empty',
      eachFile((path) => truncateSync(path)),
    ),
  }),
  scenario('models of an older version', MODEL_TOLD, {
    'format 0': (state) => editCards(state, (card) => ({ ...card, format: 0 })),
    'no format': (state) => editCards(state, ({ format: _, ...card }) => card),
  }),
  scenario('models of a newer version', MODEL_TOLD, {
    'format 999': (state) => editCards(state, (card) => ({ ...card, format: 999 })),
  }),
  scenario('models that are no files', MODEL_TOLD, {
    ...named(
      'FIFO',
      eachFile((path) => {
        rmSync(path)
        execFileSync('mkfifo', [path])
      }),
    ),
    ...named(
      'directory',
      eachFile((path) => {
        rmSync(path)
        mkdirSync(path)
      }),
    ),
  }),
  scenario('checkpoints damaged', CHECKPOINT_TOLD, damagedCheckpoints(CHECKPOINTS)),
  scenario('checkpoints damaged that nothing needs', undefined, damagedCheckpoints(SPARE_CHECKPOINTS)),
  scenario('lock file damaged', undefined, {
    text: (state) => writeFileSync(join(state, 'lock.db'), 'no database '.repeat(1000)),
    missing: (state) => rmSync(join(state, 'lock.db')),
  }),
]

function scenario(name: string, told: RegExp | undefined, damages: Readonly<Record<string, Damage>>): Scenario {
  return { name, run: (dir) => tryDamages(dir, damages, told) }
}

/** The same file of every version, so that no older one can judge in its place. */
function eachFile(damage: (path: string) => void): Record<string, Damage> {
  const inAll = (file: string) => (state: string) => {
    for (const path of versions(state)) damage(join(path, file))
  }
  return Object.fromEntries(MODEL_FILES.map((file) => [file, inAll(file)]))
}

function damagedCheckpoints(names: readonly string[]): Record<string, Damage> {
  const each = (damage: (value: Buffer) => Buffer) =>
    Object.fromEntries(names.map((name) => [name, saved(name, damage)]))
  return {
    ...named('flipped', each(flipped)),
    ...named(
      'half',
      each((value) => value.subarray(0, value.length >> 1)),
    ),
    ...named(
      'empty',
      each(() => Buffer.alloc(0)),
    ),
    ...named(
      'foreign',
      each(() => Buffer.from('{"format":999}')),
    ),
  }
}

function saved(name: string, damage: (value: Buffer) => Buffer): Damage {
  return (state) => {
    const db = new BetterSqlite3(join(state, 'oddline.db'))
    const value = db.prepare('SELECT value FROM checkpoints WHERE name = ?').pluck().get(name) as Buffer | undefined
    if (value === undefined) throw new Error(`There is no checkpoint ${name}.`)
    db.prepare('UPDATE checkpoints SET value = ? WHERE name = ?').run(damage(value), name)
    db.close()
  }
}

function named(how: string, damages: Readonly<Record<string, Damage>>): Record<string, Damage> {
  return Object.fromEntries(Object.entries(damages).map(([name, damage]) => [`${name}, ${how}`, damage]))
}

function versions(state: string): string[] {
  const models = join(state, 'models')
  return readdirSync(models).flatMap((name) => (name.startsWith('v') ? [join(models, name)] : []))
}

function editCards(state: string, edit: (card: Record<string, unknown>) => object): void {
  for (const path of versions(state)) {
    const file = join(path, 'model_config.json')
    writeFileSync(file, JSON.stringify(edit(JSON.parse(readFileSync(file, 'utf8')))))
  }
}

function flip(path: string): void {
  writeFileSync(path, flipped(readFileSync(path)))
}

/** A bit in the middle is another. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length >> 1] ^= 0x10
  return copy
}

function halve(path: string): void {
  truncateSync(path, readFileSync(path).length >> 1)
}
