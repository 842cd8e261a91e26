import { parentPort, workerData } from 'node:worker_threads'
import type { EventBlock } from '../../core/columns/block.ts'
import { fromPortable, type PortableBlock } from '../../core/columns/portable-block.ts'
import type { Evidence } from '../../core/documents/finding.ts'
import { type ErrorCode, messageOf, OddlineError } from '../../core/errors.ts'
import type { Explained } from '../../detectors/detector.ts'
import type { DriftCounts } from '../drift/drift-meter.ts'
import { explainMany } from '../explain-many.ts'
import { type DetectorParts, type LearntDetector, openDetector } from '../models/learnt-detector.ts'

/** What a detector's thread is asked. It answers in the order of asking, but explains before it scores what waits. */
export type DetectorQuestion =
  /** Several blocks for a detector that takes several at once. */
  | { readonly type: 'score'; readonly blocks: readonly { readonly id: number; readonly block: PortableBlock }[] }
  | { readonly type: 'explain'; readonly block: number; readonly events: readonly Explained[] }
  | { readonly type: 'snapshot' }
  | { readonly type: 'restore'; readonly snapshot: Uint8Array }
  | { readonly type: 'drift' }
  | { readonly type: 'drift-snapshot' }
  | { readonly type: 'restore-drift'; readonly snapshot: Uint8Array }
  | { readonly type: 'close' }

export type DetectorRequest =
  | (DetectorQuestion & { readonly id: number })
  | { readonly type: 'release'; readonly block: number }

export type DetectorAnswer =
  | {
      readonly type: 'done'
      readonly id: number
      readonly value: Float32Array[] | readonly Evidence[] | Uint8Array | DriftCounts | undefined
    }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly code: ErrorCode | undefined }

const port = parentPort!
const detector = openDetector(workerData as DetectorParts)
/** Blocks that may still have to be explained. */
const held = new Map<number, EventBlock>()
const waiting: (DetectorQuestion & { readonly id: number })[] = []
let working = false

async function perform(of: LearntDetector, question: DetectorQuestion) {
  switch (question.type) {
    case 'score': {
      const blocks = question.blocks.map(({ id, block }) => {
        const here = fromPortable(block)
        held.set(id, here)
        return here
      })
      return of.scoreMany ? of.scoreMany(blocks) : [await of.score(blocks[0])]
    }
    case 'explain':
      return explainMany(of, held.get(question.block)!, question.events)
    case 'snapshot':
      return of.snapshot()
    case 'restore':
      await of.restore(question.snapshot)
      return
    case 'drift':
      return of.drift()
    case 'drift-snapshot':
      return of.driftSnapshot()
    case 'restore-drift':
      await of.restoreDrift(question.snapshot)
      return
    case 'close':
      await of.close()
      return
    default:
      return question satisfies never
  }
}

function failed(id: number, error: unknown): DetectorAnswer {
  const code = error instanceof OddlineError ? error.code : undefined
  return { type: 'failed', id, message: messageOf(error), code }
}

async function work(): Promise<void> {
  working = true
  while (waiting.length > 0) {
    const explaining = waiting.findIndex(({ type }) => type === 'explain')
    const [question] = waiting.splice(Math.max(0, explaining), 1)
    const { id } = question
    port.postMessage(
      await perform(await detector, question).then(
        (value): DetectorAnswer => ({ type: 'done', id, value }),
        (error) => failed(id, error),
      ),
    )
    // The thread ends by itself: to terminate it while the runtime computes would take the process with it.
    if (question.type === 'close') port.close()
    // What has come meanwhile is taken in first.
    else await new Promise((resolve) => setImmediate(resolve))
  }
  working = false
}

detector.then(
  () => {
    port.postMessage({ type: 'done', id: 0, value: undefined } satisfies DetectorAnswer)
    port.on('message', (request: DetectorRequest) => {
      if (request.type === 'release') {
        held.delete(request.block)
        return
      }
      waiting.push(request)
      if (!working) void work()
    })
  },
  (error) => port.postMessage(failed(0, error)),
)
