import { Command } from 'commander'
import { openState } from '../../../control/state.ts'
import { systemClock } from '../../../core/clock.ts'
import { ThreadedAnalyzer } from '../../../pipeline/analysis/analyzer-client.ts'
import { serveStdio } from '../../mcp/stdio.ts'
import { configOf, withConfigFlags } from '../options.ts'

const HELP = `
An assistant starts this itself; config/examples/claude_mcp_config.json shows how.
Files are read only below the log directory and api.allowed_roots.
`

export function mcpCommand(stop: AbortSignal): Command {
  const command = new Command('mcp').description('serve the Model Context Protocol on standard input and output')
  withConfigFlags(command)
  command.addHelpText('after', HELP)
  return command.action(async () => {
    const config = configOf(command)
    const db = openState(config.state.dir)
    try {
      const analyzer = await ThreadedAnalyzer.open(config)
      try {
        await serveStdio({ db, config, clock: systemClock, analyzer }, stop)
      } finally {
        await analyzer.close()
      }
    } finally {
      db.close()
    }
  })
}
