import type { Logger } from 'pino'
import type { DeliveryTelemetry } from '../delivery/sending/telemetry.ts'

type Of<Method extends keyof DeliveryTelemetry> = Parameters<DeliveryTelemetry[Method]>

/** What happens on the way to a receiver, in the log. Quiet where nothing is wrong. */
export class DeliveryLog implements DeliveryTelemetry {
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  delivered(...[sink, items, ms]: Of<'delivered'>): void {
    this.#log.debug({ sink, items, ms }, 'Delivered')
  }

  retrying(...[sink, items, reason, detail, inMs]: Of<'retrying'>): void {
    this.#log.warn({ sink, items, reason, detail, in_ms: inMs }, 'A delivery failed and is tried again')
  }

  buried(...[sink, items, reason, detail]: Of<'buried'>): void {
    this.#log.error({ sink, items, reason, detail }, 'Given up: see `oddline dead-letters`, which can replay them')
  }

  breaker(...[sink, state, detail]: Of<'breaker'>): void {
    this.#log.warn({ sink, state, detail }, 'The circuit breaker of a sink changed')
  }

  backlog(...[sink, pending, oldestMs]: Of<'backlog'>): void {
    this.#log.debug({ sink, pending, oldest_ms: oldestMs }, 'What waits for a sink')
  }

  held(...[sink, notices, why]: Of<'held'>): void {
    this.#log.debug({ sink, notices, why }, 'Notices are held back')
  }

  faltered(...[sink, error]: Of<'faltered'>): void {
    this.#log.error({ sink, err: error }, 'The dispatcher could not use its database; it tries again')
  }
}
