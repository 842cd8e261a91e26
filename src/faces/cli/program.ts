import { Command } from 'commander'
import { version } from '../../core/version.ts'

/** Every command of `oddline`. Commands load different libraries, so only the requested one is imported. */
const COMMANDS: Readonly<Record<string, (stop: AbortSignal) => Promise<Command>>> = {
  run: async (stop) => (await import('./running/run.ts')).runCommand(stop),
  demo: async (stop) => (await import('./running/demo.ts')).demoCommand(stop),
  status: async () => (await import('./review/status.ts')).statusCommand(),
  report: async () => (await import('./review/report.ts')).reportCommand(),
  serve: async (stop) => (await import('./running/serve.ts')).serveCommand(stop),
  mcp: async (stop) => (await import('./running/mcp.ts')).mcpCommand(stop),
  'api-key': async () => (await import('./running/api-key.ts')).apiKeyCommand(),
  'check-config': async () => (await import('./running/check-config.ts')).checkConfigCommand(),
  rules: async () => (await import('./upkeep/rules.ts')).rulesCommand(),
  train: async (stop) => (await import('./running/train.ts')).trainCommand(stop),
  models: async () => (await import('./upkeep/models.ts')).modelsCommand(),
  verdicts: async () => onState((await import('./review/verdicts.ts')).verdictsCommand),
  incidents: async () => onState((await import('./review/incidents.ts')).incidentsCommand),
  silences: async () => onState((await import('./review/silences.ts')).silencesCommand),
  sinks: async () => onState((await import('./upkeep/sinks.ts')).sinksCommand),
  'dead-letters': async () => onState((await import('./upkeep/dead-letters.ts')).deadLettersCommand),
}

async function onState(create: Parameters<typeof import('./program-context.ts')['onState']>[0]): Promise<Command> {
  return (await import('./program-context.ts')).onState(create)
}

/**
 * The program with the requested command; with all commands for help or an unknown name.
 * @param stop aborts when the command is to end
 */
export async function createProgram(
  asked: string | undefined,
  stop: AbortSignal = new AbortController().signal,
): Promise<Command> {
  const names = asked !== undefined && Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS)
  const program = new Command('oddline')
    .description('Finds the odd line in your logs and tells the right person in time.')
    .version(version())
    .showHelpAfterError('(add --help for all options)')
  for (const name of names) program.addCommand(await COMMANDS[name](stop))
  return program
}
