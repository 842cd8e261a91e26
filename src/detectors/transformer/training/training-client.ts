import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Vocabulary } from '../vocabulary.ts'
import type { TrainingResult } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'
import type { TrainingAnswer, TrainingOrder } from './training-thread.ts'

/**
 * `trainTransformer` in a thread of its own, so that this one stays free. `sequences` are copied. When `options.signal`
 * aborts, the thread ends after the step that it is at, and the promise then rejects with the signal's reason.
 */
export async function trainInWorker(
  sequences: readonly Int32Array[],
  vocabularySize: number,
  { onProgress, signal, ...options }: TrainingOptions,
): Promise<TrainingResult> {
  signal?.throwIfAborted()
  const worker = new Worker(new URL(`./training-thread${extname(import.meta.url)}`, import.meta.url))
  const tell = (order: TrainingOrder) => worker.postMessage(order)
  const stop = () => tell({ kind: 'stop' })
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<TrainingResult>((resolve, reject) => {
      let outcome = () => reject(new Error('The training thread ended without an answer.'))
      worker.on('error', reject)
      worker.on('exit', () => outcome())
      worker.on('message', (answer: TrainingAnswer) => {
        switch (answer.kind) {
          case 'progress':
            return onProgress?.(answer.progress)
          case 'failed':
            outcome = () => reject(signal?.aborted ? signal.reason : answer.error)
            return
          case 'trained': {
            const { result, templates } = answer
            outcome = () => resolve({ ...result, model: { ...result.model, vocabulary: new Vocabulary(templates) } })
            return
          }
          default:
            answer satisfies never
        }
      })
      tell({ kind: 'train', sequences, vocabularySize, options })
    })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
