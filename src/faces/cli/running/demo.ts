import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { packageRoot } from '../../../core/version.ts'
import { configOf } from '../options.ts'
import { run } from './run.ts'

/** Small enough for the sample logs to train the models and be judged by them. */
const DEMO_WARMUP = 1500

export function demoCommand(stop: AbortSignal): Command {
  const command = new Command('demo')
    .description('run once on the sample logs of the package; keeps no state')
    .option('--json', 'print the summary as one JSON object')
    .option('--output-dir <dir>', 'where the results are written', 'batch_outputs')
  return command.action(async (flags: { json?: boolean; outputDir: string }) => {
    const state = mkdtempSync(join(tmpdir(), 'oddline-demo-'))
    try {
      const config = configOf(new Command(), {
        'logs.dir': join(packageRoot(), 'config/examples/logs'),
        'state.dir': state,
        'output.dir': flags.outputDir,
        'schedule.mode': 'once',
        'detection.warmup_logs': DEMO_WARMUP,
        'models.dir': '',
        sinks: {},
      })
      process.exitCode = await run(config, { json: flags.json }, stop)
    } finally {
      rmSync(state, { recursive: true, force: true })
    }
  })
}
