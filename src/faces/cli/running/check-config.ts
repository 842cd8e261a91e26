import { Command } from 'commander'
import { stringify } from 'yaml'
import { configureSinks } from '../../../delivery/routing/configure.ts'
import { configOf, withConfigFlags } from '../options.ts'

export function checkConfigCommand(): Command {
  const command = new Command('check-config')
    .description('list every error of the configuration, or print the resulting configuration without secrets')
    .option('--json', 'print it as JSON')
  withConfigFlags(command)
  return command.action(async (flags: { json?: boolean }) => {
    const config = configOf(command)
    const { BUILTIN_SINKS } = await import('../../../../sinks/builtin.ts')
    const sinks = await configureSinks(config.sinks, { builtin: BUILTIN_SINKS, env: process.env })
    const used = JSON.stringify({ ...config, sinks: Object.fromEntries(sinks.map(printedSink)) }, null, 2)
    process.stdout.write(flags.json ? `${used}\n` : `${stringify(JSON.parse(used))}# The configuration is right.\n`)
  })
}

/** The settings of a sink: the common ones and its own. Disabled sinks are left out. */
function printedSink({ name, settings, config }: Awaited<ReturnType<typeof configureSinks>>[number]) {
  return [name, { ...settings, ...(config as object) }] as const
}
