import { Command } from 'commander'
import { version } from '../../core/version.ts'
import { checkConfigCommand } from './check-config.ts'
import { demoCommand } from './demo.ts'
import { runCommand } from './run.ts'
import { statusCommand } from './status.ts'

/** Every command of `oddline`. */
export function createProgram(): Command {
  return new Command('oddline')
    .description('Finds the odd line in your logs and tells the right person in time.')
    .version(version())
    .showHelpAfterError('(add --help for what is possible)')
    .addCommand(runCommand())
    .addCommand(demoCommand())
    .addCommand(statusCommand())
    .addCommand(checkConfigCommand())
}
