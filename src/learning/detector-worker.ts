import { parentPort, workerData } from 'node:worker_threads'
import type { EventBlock } from '../core/block.ts'
import { type ErrorCode, messageOf, OddlineError } from '../core/errors.ts'
import type { Evidence } from '../core/finding.ts'
import { fromPortable, type PortableBlock } from '../core/portable-block.ts'
import type { DriftCounts } from './drift-meter.ts'
import { type DetectorParts, type LearntDetector, openDetector } from './learnt-detector.ts'

/** What a detector's thread is asked, one after the other; it answers in the same order. */
export type DetectorRequest =
  | { readonly type: 'score'; readonly block: PortableBlock }
  | { readonly type: 'explain'; readonly index: number; readonly calibrated: number }
  | { readonly type: 'snapshot' }
  | { readonly type: 'restore'; readonly snapshot: Uint8Array }
  | { readonly type: 'drift' }
  | { readonly type: 'drift-snapshot' }
  | { readonly type: 'restore-drift'; readonly snapshot: Uint8Array }
  | { readonly type: 'close' }

export type DetectorAnswer =
  | { readonly type: 'done'; readonly value: Float32Array | Evidence | Uint8Array | DriftCounts | undefined }
  | { readonly type: 'failed'; readonly message: string; readonly code: ErrorCode | undefined }

const port = parentPort!
const detector = openDetector(workerData as DetectorParts)
let block: EventBlock

async function answer(request: DetectorRequest): Promise<DetectorAnswer & { readonly type: 'done' }> {
  return { type: 'done', value: (await perform(await detector, request)) ?? undefined }
}

function perform(of: LearntDetector, request: DetectorRequest) {
  switch (request.type) {
    case 'score':
      block = fromPortable(request.block)
      return of.score(block)
    case 'explain':
      return of.explain(block, request.index, request.calibrated)
    case 'snapshot':
      return of.snapshot()
    case 'restore':
      return of.restore(request.snapshot)
    case 'drift':
      return of.drift()
    case 'drift-snapshot':
      return of.driftSnapshot()
    case 'restore-drift':
      return of.restoreDrift(request.snapshot)
    case 'close':
      return of.close()
    default:
      return request satisfies never
  }
}

function failed(error: unknown): DetectorAnswer {
  return { type: 'failed', message: messageOf(error), code: error instanceof OddlineError ? error.code : undefined }
}

let last: Promise<void> = detector.then(
  () => port.postMessage({ type: 'done', value: undefined } satisfies DetectorAnswer),
  (error) => port.postMessage(failed(error)),
)
port.on('message', (request: DetectorRequest) => {
  last = last.then(async () => {
    port.postMessage(await answer(request).catch(failed))
    // The thread ends by itself: to terminate it while the runtime computes would take the process with it.
    if (request.type === 'close') port.close()
  })
})
