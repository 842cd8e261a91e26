import type { TrainingProgress } from '../../../core/documents/training.ts'
import { Moved, serve } from '../../../threads/serve.ts'
import { lowerPriority } from './lower-priority.ts'
import { type TrainingResult, trainTransformer } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'

export type TrainingProtocol = {
  readonly settings: undefined
  readonly calls: {
    train(
      sequences: readonly Int32Array[],
      vocabularySize: number,
      options: Omit<TrainingOptions, 'onProgress' | 'signal'>,
    ): Trained
  }
  readonly orders: { stop(): void }
  readonly event: TrainingProgress
}

/** The vocabulary crosses as its templates: structured cloning drops its class. */
interface Trained {
  readonly result: TrainingResult
  readonly templates: readonly number[]
}

serve<TrainingProtocol>((_, onProgress) => {
  const stop = new AbortController()
  lowerPriority()
  return {
    calls: {
      async train(sequences, vocabularySize, options) {
        const result = await trainTransformer(sequences, vocabularySize, {
          ...options,
          onProgress,
          signal: stop.signal,
        })
        const { weights, vocabulary } = result.model
        return new Moved({ result, templates: vocabulary.templates }, [weights.buffer as ArrayBuffer])
      },
    },
    orders: { stop: () => stop.abort() },
    close() {},
  }
})
