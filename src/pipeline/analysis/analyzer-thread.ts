import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { AnalyzerCore } from './analyzer.ts'
import type { AnalyzerReply, AnalyzerRequest, AnalyzerSettings } from './analyzer-protocol.ts'

/** A thread of the analyzer: a thin shell around its core, one request after the other. */
const port = parentPort!
const reply = (message: AnalyzerReply) => port.postMessage(message)
const failed = (id: number | null, error: unknown) =>
  reply({
    type: 'failed',
    id,
    message: messageOf(error),
    code: error instanceof OddlineError ? error.code : undefined,
    stack: error instanceof Error ? error.stack : undefined,
  })

async function answer(core: AnalyzerCore, request: Exclude<AnalyzerRequest, { type: 'close' }>): Promise<void> {
  try {
    if (request.type === 'detect') {
      const value = await core.detect(request.requests)
      // The answers are slices of one buffer, which is handed over and not copied.
      port.postMessage({ type: 'done', id: request.id, value } satisfies AnalyzerReply, [value[0].json.buffer])
      return
    }
    const value = request.type === 'analyze' ? await core.analyze(request.request) : await core.refresh()
    reply({ type: 'done', id: request.id, value })
  } catch (error) {
    failed(request.id, error)
  }
}

AnalyzerCore.open(workerData as AnalyzerSettings).then(
  (core) => {
    let last = Promise.resolve()
    port.on('message', (request: AnalyzerRequest) => {
      last = last.then(async () => {
        if (request.type !== 'close') return answer(core, request)
        await core.close()
        port.close()
      })
    })
    reply({ type: 'ready' })
  },
  (error) => failed(null, error),
)
