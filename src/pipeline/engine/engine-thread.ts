import { lowerPriority, YIELDING_TO_ANSWERS } from '../../detectors/transformer/training/lower-priority.ts'
import { serve } from '../../threads/serve.ts'
import { Engine } from './engine.ts'
import type { EngineProtocol } from './engine-protocol.ts'

serve<EngineProtocol>(async (settings, report) => {
  // The threads that this one starts inherit its priority.
  if (settings.yields) lowerPriority(YIELDING_TO_ANSWERS)
  const engine = await Engine.open(settings, report)
  const stop = new AbortController()
  return {
    calls: {
      run: ({ dryRun }) => engine.run({ dryRun, signal: stop.signal }),
      settle: () => engine.settle(stop.signal),
    },
    orders: { stop: () => stop.abort() },
    close: () => engine.close(),
  }
})
