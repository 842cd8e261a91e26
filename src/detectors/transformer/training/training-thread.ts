import { parentPort } from 'node:worker_threads'
import type { TrainingProgress } from '../../../core/documents/training.ts'
import { lowerPriority } from './lower-priority.ts'
import { type TrainingResult, trainTransformer } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'

/** What the training thread is told: once to train, and perhaps to stop before it is done. */
export type TrainingOrder =
  | {
      readonly kind: 'train'
      readonly sequences: readonly Int32Array[]
      readonly vocabularySize: number
      /** Without the parts that cannot cross threads. */
      readonly options: Omit<TrainingOptions, 'onProgress' | 'signal'>
    }
  | { readonly kind: 'stop' }

/** What it answers: progress while it trains, then one of the others. A class does not survive the crossing, so the vocabulary goes as its templates. */
export type TrainingAnswer =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'trained'; readonly result: TrainingResult; readonly templates: readonly number[] }
  | { readonly kind: 'failed'; readonly error: unknown }

const stop = new AbortController()

parentPort?.on('message', async (order: TrainingOrder) => {
  if (order.kind === 'stop') return stop.abort()
  lowerPriority()
  const answer = (message: TrainingAnswer, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(message, transfer)
  try {
    const onProgress = (progress: TrainingProgress) => answer({ kind: 'progress', progress })
    const options = { ...order.options, onProgress, signal: stop.signal }
    const result = await trainTransformer(order.sequences, order.vocabularySize, options)
    const { weights, vocabulary } = result.model
    answer({ kind: 'trained', result, templates: vocabulary.templates }, [weights.buffer as ArrayBuffer])
  } catch (error) {
    answer({ kind: 'failed', error })
  } finally {
    // The thread ends by itself: to terminate it while the runtime computes would take the process with it.
    parentPort!.close()
  }
})
