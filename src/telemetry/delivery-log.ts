import type { Logger } from 'pino'
import type { DeliveryTelemetry } from '../delivery/sending/telemetry.ts'

type ParametersOf<Method extends keyof DeliveryTelemetry> = Parameters<DeliveryTelemetry[Method]>

/** Logs the events of delivery. Normal operation is logged at level debug only. */
export class DeliveryLog implements DeliveryTelemetry {
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  delivered(...[sink, items, ms]: ParametersOf<'delivered'>): void {
    this.#log.debug({ sink, items, ms }, 'Delivered')
  }

  retrying(...[sink, items, reason, detail, inMs]: ParametersOf<'retrying'>): void {
    this.#log.warn({ sink, items, reason, detail, in_ms: inMs }, 'A delivery failed; it is retried')
  }

  deadLettered(...[sink, items, reason, detail]: ParametersOf<'deadLettered'>): void {
    this.#log.error(
      { sink, items, reason, detail },
      'A delivery failed for good; run `oddline dead-letters` to inspect and replay it',
    )
  }

  breaker(...[sink, state, detail]: ParametersOf<'breaker'>): void {
    this.#log.warn({ sink, state, detail }, 'The circuit breaker of a sink changed its state')
  }

  backlog(...[sink, pending, oldestMs]: ParametersOf<'backlog'>): void {
    this.#log.debug({ sink, pending, oldest_ms: oldestMs }, 'Backlog of a sink')
  }

  held(...[sink, notices, why]: ParametersOf<'held'>): void {
    this.#log.debug({ sink, notices, why }, 'Notices are held back')
  }

  clockSet(...[byMs]: ParametersOf<'clockSet'>): void {
    this.#log.warn(
      { by_ms: byMs },
      'The clock of this computer was set; stored times of the queues moved along with it',
    )
  }

  failed(...[sink, error]: ParametersOf<'failed'>): void {
    this.#log.error({ sink, err: error }, 'The dispatcher could not use its database; it tries again')
  }
}
