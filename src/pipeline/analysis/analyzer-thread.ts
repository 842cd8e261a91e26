import { Moved, serve } from '../../threads/serve.ts'
import { AnalyzerCore } from './analyzer.ts'
import type { AnalyzerProtocol } from './analyzer-protocol.ts'

serve<AnalyzerProtocol>(async (settings) => {
  const core = await AnalyzerCore.open(settings)
  let cancelled = 0
  return {
    calls: {
      async detect(requests) {
        const answers = await core.detect(requests)
        // All answers are slices of one buffer.
        return new Moved(answers, answers.length > 0 ? [answers[0].json.buffer] : [])
      },
      analyze: (request, id) => core.analyze(request, () => cancelled === id),
      refresh: () => core.refresh(),
    },
    orders: {
      cancel(id) {
        cancelled = id
      },
    },
    close: () => core.close(),
  }
})
