import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Config } from '../../config/schema.ts'
import { openState } from '../../control/state.ts'
import { systemClock } from '../../core/clock.ts'
import { OddlineError } from '../../core/errors.ts'
import { configureSinks } from '../../delivery/routing/configure.ts'
import { hasState } from '../../queries/state.ts'
import { configOf, withConfigFlags } from './options.ts'
import type { VerdictsContext } from './review/adjustments.ts'

/** A command on the stored state, with the flags of the configuration. The configuration is loaded when it runs. */
export function onState(create: (context: VerdictsContext) => Command): Command {
  const command: Command = create(contextOf(() => configOf(command)))
  return withConfigFlags(command)
}

function contextOf(config: () => Config): VerdictsContext {
  return {
    clock: systemClock,
    openState() {
      const { dir } = config().state
      if (!hasState(dir)) {
        throw new OddlineError('CONFIG_INVALID', `Nothing has run on ${dir} yet. Name the right one with --state-dir.`)
      }
      return openState(dir)
    },
    // Their clients take long to load, so only a command that asks for sinks waits for them.
    sinks: async () => {
      const { BUILTIN_SINKS } = await import('../../../sinks/builtin.ts')
      return configureSinks(config().sinks, { builtin: BUILTIN_SINKS, env: process.env })
    },
    print: (line) => process.stdout.write(`${line}\n`),
    minScore: () => config().detection.min_score,
    user: () => userInfo().username,
  }
}
