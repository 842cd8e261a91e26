import { ConfigSchema } from '../../../src/config/schema.ts'
import type { BatchRunner } from '../../../src/control/batches.ts'
import type { Analyzer } from '../../../src/core/documents/analysis.ts'
import type { Api } from '../../../src/faces/http/api.ts'
import { createApi } from '../../../src/faces/http/server.ts'
import { AnalyzerCore } from '../../../src/pipeline/analysis/analyzer.ts'
import type { AnalyzerSettings } from '../../../src/pipeline/analysis/analyzer-protocol.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { clockOf } from '../../support/clock.ts'
import { NOON } from './findings.ts'
import { makeState, type TestState } from './state.ts'
import { threadedAnalyzer } from './threaded-analyzer.ts'

export interface TestApi {
  readonly app: Api
  readonly state: TestState
  readonly failures: unknown[]
  readonly config: ReturnType<typeof ConfigSchema.parse>
  close(): Promise<void>
}

/** The analyzer in this thread, where sources need no build. */
export async function inlineAnalyzer(settings: AnalyzerSettings): Promise<Analyzer> {
  const core = await AnalyzerCore.open(settings)
  let judged = 0
  return {
    detect: async (request) => {
      judged += request.lines.length
      const [answer] = await core.detect([request])
      return answer
    },
    analyze: (request, signal) => core.analyze(request, () => signal?.aborted ?? false),
    refresh: () => core.refresh(),
    get judged() {
      return judged
    },
    close: () => core.close(),
  }
}

interface Options {
  readonly api?: object
  readonly logs?: object
  readonly sinks?: object
  readonly runner?: BatchRunner
  readonly now?: number
  readonly threaded?: boolean
}

/** The real API over a state directory of its own. */
export async function makeApi(options: Options = {}): Promise<TestApi> {
  const state = makeState()
  const config = ConfigSchema.parse({
    state: { dir: state.dir },
    logs: { dir: state.dir, ...options.logs },
    sinks: options.sinks ?? {},
    api: { rate_limit_per_minute: 0, ...options.api },
  })
  const failures: unknown[] = []
  const analyzer = options.threaded ? await threadedAnalyzer(config) : await inlineAnalyzer(config)
  const app = await createApi({
    db: state.db,
    config,
    clock: clockOf(() => options.now ?? NOON),
    analyzer,
    runner: options.runner,
    metrics: new Metrics(),
    onFailure: (_, error) => failures.push(error),
  })
  return {
    app,
    state,
    failures,
    config,
    close: async () => {
      await app.close()
      await analyzer.close()
      state.remove()
    },
  }
}
