import { type AddressInfo, isIPv6 } from 'node:net'
import type { Config } from '../../config/schema.ts'
import type { BatchRunner } from '../../control/batches.ts'
import { systemClock } from '../../core/clock.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { ThreadedAnalyzer } from '../../pipeline/analysis/analyzer-client.ts'
import type { State } from '../../queries/state.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { createApi } from './server.ts'

const STOP_MS = 3_000

export interface RunningApi {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Nothing new is taken. Requests under way have three seconds for their answer. */
  close(): Promise<void>
}

/**
 * The API, listening. `runner` is set in the process that runs batches. Without it the API reads the state directory
 * that another process writes, and takes up its new models.
 * @throws OddlineError CONFIG_INVALID where the address cannot be had, RULE_INVALID, STATE_*
 */
export async function startApi(
  config: Config,
  parts: { readonly db: State; readonly telemetry: Telemetry; readonly runner?: BatchRunner },
): Promise<RunningApi> {
  const { db, telemetry, runner } = parts
  const analyzer = await ThreadedAnalyzer.open(config)
  try {
    const app = await createApi({
      db,
      config,
      clock: systemClock,
      analyzer,
      runner,
      metrics: new Metrics(),
      onFailure: (id, error) => telemetry.requestFailed(id, error),
    })
    const { host, port } = config.api
    await app.listen({ host, port }).catch((error) => {
      throw new OddlineError(
        'CONFIG_INVALID',
        `The API cannot listen on ${host}:${port}: ${messageOf(error)}. Choose another api.port.`,
        { cause: error },
      )
    })
    const address = app.server.address() as AddressInfo
    const name = isIPv6(address.address) ? `[${address.address}]` : address.address
    const url = `${config.api.tls.cert_file ? 'https' : 'http'}://${name}:${address.port}`
    telemetry.apiListening(url)
    return {
      url,
      close: async () => {
        const impatient = setTimeout(() => app.server.closeAllConnections(), STOP_MS)
        await app.close()
        clearTimeout(impatient)
        await analyzer.close()
      },
    }
  } catch (error) {
    await analyzer.close()
    throw error
  }
}
