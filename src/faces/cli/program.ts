import { Command } from 'commander'
import { version } from '../../core/version.ts'
import { apiKeyCommand } from './api-key.ts'
import { checkConfigCommand } from './check-config.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { demoCommand } from './demo.ts'
import { incidentsCommand } from './incidents.ts'
import { mcpCommand } from './mcp.ts'
import { modelsCommand } from './models.ts'
import { onState } from './program-context.ts'
import { reportCommand } from './report.ts'
import { rulesCommand } from './rules.ts'
import { runCommand } from './run.ts'
import { serveCommand } from './serve.ts'
import { silencesCommand } from './silences.ts'
import { sinksCommand } from './sinks.ts'
import { statusCommand } from './status.ts'
import { trainCommand } from './train.ts'
import { verdictsCommand } from './verdicts.ts'

/** Every command of `oddline`. */
export function createProgram(): Command {
  return new Command('oddline')
    .description('Finds the odd line in your logs and tells the right person in time.')
    .version(version())
    .showHelpAfterError('(add --help for what is possible)')
    .addCommand(runCommand())
    .addCommand(demoCommand())
    .addCommand(statusCommand())
    .addCommand(reportCommand())
    .addCommand(serveCommand())
    .addCommand(mcpCommand())
    .addCommand(apiKeyCommand())
    .addCommand(checkConfigCommand())
    .addCommand(rulesCommand())
    .addCommand(trainCommand())
    .addCommand(modelsCommand())
    .addCommand(onState(verdictsCommand))
    .addCommand(onState(incidentsCommand))
    .addCommand(onState(silencesCommand))
    .addCommand(onState(sinksCommand))
    .addCommand(onState(deadLettersCommand))
}
