import { Command, Option } from 'commander'
import { openState } from '../../../control/state.ts'
import { createLogger } from '../../../telemetry/logger.ts'
import { Telemetry } from '../../../telemetry/telemetry.ts'
import { startApi } from '../../http/start.ts'
import { configOf, withConfigFlags } from '../options.ts'
import { stopped } from '../stop-signal.ts'

const HELP = `
Runs no batches: it shows what another process finds in the same state directory,
and judges the lines and files that it is handed. The dashboard is at /ui/, the
documentation at /docs, MCP at /mcp.

Examples:
  $ oddline serve --state-dir /var/lib/oddline
  $ oddline api-key
  $ API_KEY_SHA256=<digest> oddline serve --host 0.0.0.0 --port 8000
`

export function serveCommand(stop: AbortSignal): Command {
  const command = new Command('serve')
    .description('serve the REST API, the dashboard and MCP over HTTP')
    .addOption(new Option('--host <address>', 'address to listen on; one beside loopback needs a key'))
    .addOption(new Option('--port <port>', 'port to listen on'))
  withConfigFlags(command)
  command.addHelpText('after', HELP)
  return command.action(async (flags: { host?: string; port?: string }) => {
    const config = configOf(command, { 'api.host': flags.host, 'api.port': flags.port && Number(flags.port) })
    const telemetry = new Telemetry(createLogger(config.log.level, process.stderr.isTTY === true))
    const db = openState(config.state.dir)
    try {
      const api = await startApi(config, { db, telemetry })
      await stopped(stop)
      telemetry.stopping(stop.reason)
      await api.close()
    } finally {
      db.close()
    }
  })
}
