import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { TrainingAnswer, TrainingRequest } from './train-worker.ts'
import type { TrainingResult } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'
import { Vocabulary } from './vocabulary.ts'

/**
 * `trainTransformer` in a thread of its own, so that this one stays free. `sequences` are copied. When `options.signal`
 * aborts, the thread is ended at once and the promise rejects with the signal's reason.
 */
export async function trainInWorker(
  sequences: readonly Int32Array[],
  vocabularySize: number,
  { onProgress, signal, ...options }: TrainingOptions,
): Promise<TrainingResult> {
  signal?.throwIfAborted()
  const worker = new Worker(new URL(`./train-worker${extname(import.meta.url)}`, import.meta.url))
  let abort: (() => void) | undefined
  try {
    return await new Promise<TrainingResult>((resolve, reject) => {
      abort = () => reject(signal!.reason)
      signal?.addEventListener('abort', abort)
      worker.on('error', reject)
      worker.on('exit', (code) =>
        reject(new Error(`The training thread ended with code ${code} and without an answer.`)),
      )
      worker.on('message', (answer: TrainingAnswer) => {
        switch (answer.kind) {
          case 'progress':
            return onProgress?.(answer.progress)
          case 'failed':
            return reject(answer.error)
          case 'trained': {
            const { result, templates } = answer
            return resolve({ ...result, model: { ...result.model, vocabulary: new Vocabulary(templates) } })
          }
          default:
            answer satisfies never
        }
      })
      worker.postMessage({ sequences, vocabularySize, options } satisfies TrainingRequest)
    })
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}
