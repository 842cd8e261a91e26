import { Command } from 'commander'
import { stringify } from 'yaml'
import { configOf, withConfigFlags } from './options.ts'

export function checkConfigCommand(): Command {
  const command = new Command('check-config')
    .description('say everything that is wrong with the configuration, or print it as it is used')
    .option('--json', 'print it as JSON')
  withConfigFlags(command)
  return command.action((flags: { json?: boolean }) => {
    const config = configOf(command)
    process.stdout.write(
      flags.json ? `${JSON.stringify(config, null, 2)}\n` : `${stringify(config)}# The configuration is right.\n`,
    )
  })
}
