import { parentPort } from 'node:worker_threads'
import { type TrainingResult, trainTransformer } from './trainer.ts'
import type { Progress, TrainingOptions } from './training-options.ts'

/** The entry of the training thread: one request, progress while it runs, one answer. */
export interface TrainingRequest {
  readonly sequences: readonly Int32Array[]
  readonly vocabularySize: number
  /** Without the parts that cannot cross threads. */
  readonly options: Omit<TrainingOptions, 'onProgress' | 'signal'>
}

/** A class does not survive the crossing, so the vocabulary goes as its templates. */
export type TrainingAnswer =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'trained'; readonly result: TrainingResult; readonly templates: readonly number[] }
  | { readonly kind: 'failed'; readonly error: unknown }

parentPort?.once('message', async ({ sequences, vocabularySize, options }: TrainingRequest) => {
  const answer = (message: TrainingAnswer, transfer: ArrayBuffer[] = []) => parentPort!.postMessage(message, transfer)
  try {
    const onProgress = (progress: Progress) => answer({ kind: 'progress', progress })
    const result = await trainTransformer(sequences, vocabularySize, { ...options, onProgress })
    const { weights, vocabulary } = result.model
    answer({ kind: 'trained', result, templates: vocabulary.templates }, [weights.buffer as ArrayBuffer])
  } catch (error) {
    answer({ kind: 'failed', error })
  }
})
