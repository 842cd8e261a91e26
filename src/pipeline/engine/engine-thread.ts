import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { lowerPriority, YIELDING_TO_ANSWERS } from '../../detectors/transformer/training/lower-priority.ts'
import { openEngine } from './engine.ts'
import type { EngineReply, EngineRequest, EngineSettings } from './engine-protocol.ts'

/** The thread that runs batches: a thin shell around the engine, which tests run without a thread. */
const port = parentPort!
const reply = (message: EngineReply) => port.postMessage(message)
const failed = (error: unknown): EngineReply => ({
  type: 'failed',
  message: messageOf(error),
  code: error instanceof OddlineError ? error.code : undefined,
  stack: error instanceof Error ? error.stack : undefined,
})

const settings = workerData as EngineSettings
// The threads that this one starts inherit its priority.
if (settings.yields) lowerPriority(YIELDING_TO_ANSWERS)
const opened = openEngine(settings, {
  onPhase: (from, to) => reply({ type: 'phase', from, to }),
  onDue: (reason) => reply({ type: 'due', reason }),
  onTraining: (progress) => reply({ type: 'training', progress }),
  onTrainingFailed: (reason) => reply({ type: 'training-failed', reason }),
  onBadModel: (error) => reply({ type: 'bad-model', message: error.message }),
  onOverflow: (sink, findings) => reply({ type: 'overflowed', sink, findings }),
  onRules: (rules) => reply({ type: 'rules', rules }),
  onBadRules: (error) => reply({ type: 'bad-rules', message: error.message }),
})
opened.then(
  () => reply({ type: 'ready' }),
  (error) => reply(failed(error)),
)

/** Stopping is for good: a run asked for after it ends before its first line. */
const stop = new AbortController()

async function handle(request: EngineRequest): Promise<void> {
  const engine = await opened
  switch (request.type) {
    case 'run': {
      const result = await engine.run({
        ...request,
        signal: stop.signal,
        onProgress: (progress) => reply({ type: 'progress', progress }),
      })
      reply({ type: 'done', result })
      return
    }
    case 'settle': {
      await engine.settle(stop.signal)
      reply({ type: 'settled' })
      return
    }
    case 'stop':
      stop.abort()
      return
    case 'close':
      await engine.close()
      port.close()
      return
    default:
      request satisfies never
  }
}

port.on('message', (request: EngineRequest) => {
  handle(request).catch((error) => reply(failed(error)))
})
