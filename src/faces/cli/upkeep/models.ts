import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import Table from 'cli-table3'
import { Command } from 'commander'
import type { Config } from '../../../config/schema.ts'
import { holdLearning, requestRetraining, rollbackModels } from '../../../control/learning.ts'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { type ModelStore, readArtifact, writeArtifact } from '../../../learning/models/artifacts.ts'
import { verifyModelSet } from '../../../learning/models/model-set.ts'
import { openModels } from '../../../pipeline/engine/open-models.ts'
import { type Database, openDatabase } from '../../../store/database.ts'
import { configOf, withConfigFlags } from '../options.ts'

/** `oddline models`: the learnt models on disk and the learning itself, also while the program runs. */
export function modelsCommand(): Command {
  const command = new Command('models').description('learnt models: look at them, carry them, go back, learn anew')
  const add = (
    usage: string,
    description: string,
    run: (config: Config, argument?: string) => void | Promise<void>,
  ) => {
    const sub = command.command(usage).description(description)
    withConfigFlags(sub)
    sub.action((argument) => run(configOf(sub), typeof argument === 'string' ? argument : undefined))
  }
  add('list', 'the versions that there are', list)
  add('export <dir>', 'copy the models in force to a new directory, for another host', exportTo)
  add('import <dir>', 'take models from such a directory as a new version, and put it in force', importFrom)
  add('rollback [version]', 'put an earlier version in force: this one, or the one before', rollback)
  add('retrain', 'learn anew from the events that come, while the models in force go on judging', retrain)
  add('freeze', 'learn nothing more until `resume`; a training under way comes to its end', (config) =>
    hold(config, true),
  )
  add('resume', 'learn again', (config) => hold(config, false))
  return command
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function list(config: Config): void {
  const store = openModels(config)
  const current = store.current()
  const table = new Table({ head: ['version', '', 'trained on', 'detectors'], style: { head: [], border: [] } })
  const versions = store.versions()
  for (const version of versions) {
    table.push([`${version}`, version === current ? 'in force' : '', ...factsOf(store, version)])
  }
  print(versions.length > 0 ? table.toString() : `There are no models in ${store.dir} yet; oddline run learns them.`)
}

function factsOf(store: ModelStore, version: number): [string, string] {
  try {
    const { card } = store.load(version)
    const detectors = card.transformer === undefined ? 'isolation forest' : 'isolation forest, transformer'
    return [`${Number(card.trained_on).toLocaleString('en-US')} events`, detectors]
  } catch (error) {
    return ['', `damaged: ${messageOf(error)}`]
  }
}

function exportTo(config: Config, target = ''): void {
  const store = openModels(config)
  const version = currentOf(store)
  const dir = resolve(target)
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new OddlineError('CONFIG_INVALID', `${dir} is not empty. Name a directory that is not there yet.`)
  }
  const artifact = store.load(version)
  mkdirSync(dir, { recursive: true })
  writeArtifact(dir, artifact, version)
  print(`Version ${version} is in ${dir}. On the other host: oddline models import <dir>`)
}

async function importFrom(config: Config, source = ''): Promise<void> {
  const store = openModels(config)
  const artifact = readArtifact(resolve(source))
  await verifyModelSet(artifact)
  const version = store.save(artifact, config.models.keep)
  print(`Version ${version} is in force; a running oddline takes it up with its next batch.`)
}

function rollback(config: Config, wanted?: string): void {
  const { from, to } = rollbackModels(openModels(config), wanted === undefined ? undefined : Number(wanted))
  print(`Version ${to} is in force in place of ${from}; a running oddline takes it up with its next batch.`)
}

function currentOf(store: ModelStore): number {
  const current = store.current()
  if (current === undefined) throw new OddlineError('MODEL_INVALID', `There are no models in ${store.dir} yet.`)
  return current
}

function retrain(config: Config): void {
  const { phase, frozen = config.detection.frozen } = onState(config, requestRetraining)
  if (phase === 'warmup') {
    print('The first training is still to come; nothing needs to be done.')
    return
  }
  const events = config.detection.warmup_logs.toLocaleString('en-US')
  print(`From the next batch on ${events} events are collected, and then learnt from.`)
  if (frozen) print('Learning is frozen, though: it begins after `oddline models resume`.')
}

function hold(config: Config, frozen: boolean): void {
  onState(config, (db) => holdLearning(db, frozen))
  print(frozen ? 'From the next batch on nothing is learnt.' : 'From the next batch on it learns again.')
}

function onState<T>({ state }: Config, use: (db: Database) => T): T {
  const db = openDatabase(state.dir)
  try {
    return use(db)
  } finally {
    db.close()
  }
}
