import { ThreadClient, threadModule } from '../../../threads/client.ts'
import { Vocabulary } from '../vocabulary.ts'
import type { TrainingResult } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'
import type { TrainingProtocol } from './training-thread.ts'

/**
 * `trainTransformer` in a thread of its own. `sequences` are copied. When `options.signal` aborts, training ends after
 * the step under way, and the promise rejects with the signal's reason.
 */
export async function trainInWorker(
  sequences: readonly Int32Array[],
  vocabularySize: number,
  { onProgress, signal, ...options }: TrainingOptions,
): Promise<TrainingResult> {
  signal?.throwIfAborted()
  const thread = new ThreadClient<TrainingProtocol>({
    name: 'training',
    module: threadModule(import.meta.url, 'training-thread'),
    settings: undefined,
    onEvent: onProgress,
  })
  const stop = () => thread.order('stop')
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const { result, templates } = await thread.call('train', sequences, vocabularySize, options)
    return { ...result, model: { ...result.model, vocabulary: new Vocabulary(templates) } }
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.close()
  }
}
