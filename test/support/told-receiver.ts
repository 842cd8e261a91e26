import { z } from 'zod'
import type { DeliveryOutcome, Finding, Notice, SinkDefinition } from '../../src/delivery/sink/sink.ts'

/** A record sink with given answers, which stores each batch. */
export function toldSink(answer: (batch: readonly Finding[], call: number) => DeliveryOutcome, maxBatch = 500) {
  const batches: (readonly Finding[])[] = []
  const definition: SinkDefinition<object> = {
    type: 'told',
    takes: 'findings',
    config: z.strictObject({}),
    limits: { maxBatch },
    create: () => ({
      async deliver(batch) {
        batches.push(batch)
        return answer(batch, batches.length)
      },
    }),
  }
  return { definition, batches }
}

/** A notifier that takes everything, and remembers it. */
export function toldNotifier() {
  const notices: Notice[] = []
  const definition: SinkDefinition<object> = {
    type: 'told_people',
    takes: 'notices',
    config: z.strictObject({}),
    limits: { maxBatch: 1 },
    create: () => ({
      async notify(notice) {
        notices.push(notice)
        return { kind: 'delivered' }
      },
    }),
  }
  return { definition, notices }
}
