import { resolve } from 'node:path'
import Table from 'cli-table3'
import { Command } from 'commander'
import { modelsDir } from '../../../config/models-dir.ts'
import type { Config } from '../../../config/schema.ts'
import { holdLearning, requestRetraining } from '../../../control/learning.ts'
import { exportModels, importModels } from '../../../control/model-transfer.ts'
import { rollbackModels } from '../../../control/models.ts'
import { openState } from '../../../control/state.ts'
import { learningStatus } from '../../../queries/learning.ts'
import { listModels, type ModelItem } from '../../../queries/models.ts'
import type { State } from '../../../queries/state.ts'
import { configOf, withConfigFlags } from '../options.ts'

/** `oddline models`: the learnt models on disk and the learning itself, also while the program runs. */
export function modelsCommand(): Command {
  const command = new Command('models').description(
    'list, export, import and roll back the learnt models; retrain, freeze, resume',
  )
  const add = (
    usage: string,
    description: string,
    run: (config: Config, argument?: string) => void | Promise<void>,
  ) => {
    const sub = command.command(usage).description(description)
    withConfigFlags(sub)
    sub.action((argument) => run(configOf(sub), typeof argument === 'string' ? argument : undefined))
  }
  add('list', 'list the versions', list)
  add('export <dir>', 'copy the models in force to a new directory, for another host', exportTo)
  add('import <dir>', 'import models from such a directory as a new version and put it in force', importFrom)
  add('rollback [version]', 'put a version in force, by default the one before the current', rollback)
  add('retrain', 'train new models on the next events; the models in force judge meanwhile', retrain)
  add('freeze', 'stop learning until `resume`; a training under way is finished', (config) => hold(config, true))
  add('resume', 'resume learning', (config) => hold(config, false))
  return command
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function list(config: Config): void {
  const models = listModels(config)
  if (models.length === 0) {
    print(`There are no models in ${modelsDir(config)} yet. \`oddline run\` learns them.`)
    return
  }
  const table = new Table({ head: ['version', '', 'trained on', 'detectors'], style: { head: [], border: [] } })
  for (const model of models) table.push([`${model.version}`, model.inForce ? 'in force' : '', ...factsOf(model)])
  print(table.toString())
}

function factsOf({ card, problem }: ModelItem): [string, string] {
  if (problem !== null) return ['', `damaged: ${problem}`]
  const detectors = card.transformer === undefined ? 'isolation forest' : 'isolation forest, transformer'
  return [`${Number(card.trained_on).toLocaleString('en-US')} events`, detectors]
}

function exportTo(config: Config, target = ''): void {
  const dir = resolve(target)
  const version = exportModels(config, dir)
  print(`Version ${version} is in ${dir}. On the other host: oddline models import <dir>`)
}

async function importFrom(config: Config, source = ''): Promise<void> {
  const version = await importModels(config, resolve(source))
  print(`Version ${version} is in force. A running oddline uses it from its next batch on.`)
}

function rollback(config: Config, wanted?: string): void {
  const { from, to } = rollbackModels(config, wanted === undefined ? undefined : Number(wanted))
  print(`Version ${to} is in force in place of ${from}. A running oddline uses it from its next batch on.`)
}

function retrain(config: Config): void {
  const { phase, frozen } = onState(config, (db) => {
    requestRetraining(db)
    return learningStatus(db, config)
  })
  if (phase === 'warmup') {
    print('The first training is still to come; nothing needs to be done.')
    return
  }
  const events = config.detection.warmup_logs.toLocaleString('en-US')
  print(`From the next batch on ${events} events are collected, and the models are then trained on them.`)
  if (frozen) print('Learning is frozen, so this begins after `oddline models resume`.')
}

function hold(config: Config, frozen: boolean): void {
  onState(config, (db) => holdLearning(db, frozen))
  print(frozen ? 'Nothing is learnt from the next batch on.' : 'Learning resumes with the next batch.')
}

function onState<T>({ state }: Config, use: (db: State) => T): T {
  const db = openState(state.dir)
  try {
    return use(db)
  } finally {
    db.close()
  }
}
