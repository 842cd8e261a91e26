import type { Clock } from '../../core/clock.ts'
import type { FailureReason } from '../../core/documents/failure.ts'
import { messageOf } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import type { Burial, Gate, Queue, Queued, Settlement } from '../../store/queue.ts'
import { bounded } from '../sink/classify.ts'
import { breakerState } from './circuit-breaker.ts'
import { type Rate, refill, waitMs } from './rate-limit.ts'
import { backoffMs, type RetryPolicy } from './retry-policy.ts'
import type { DeliveryTelemetry } from './telemetry.ts'

/** `DeliveryOutcome` in terms of queued items, whatever these are. */
export type LaneOutcome<Item> =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: FailureReason; readonly detail: string; readonly afterMs?: number }
  | {
      readonly kind: 'partial'
      readonly retry: readonly Item[]
      readonly rejected: readonly Burial<Item>[]
      readonly reason?: FailureReason
      readonly detail?: string
      readonly afterMs?: number
    }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly detail: string }

export interface LaneOptions<Item extends Queued> {
  readonly name: string
  readonly queue: Queue<Item>
  /** Sends items in order. May throw only if it is broken; `signal` aborts at the time limit. */
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<LaneOutcome<Item>>
  readonly maxBatch: number
  readonly rate?: Rate
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly clock: Clock
  readonly random: Random
  readonly telemetry: DeliveryTelemetry
}

/** Failures that one poisonous item can cause, and a dead receiver as well. */
const SUSPICIOUS: ReadonlySet<FailureReason> = new Set(['server_error', 'timeout', 'unexpected'])
/** An item that fails alone this many times is set aside, so that it no longer holds up those behind it. */
const SUSPECT_AFTER = 10
/** The length of the queue is told at most this often. */
const BACKLOG_EVERY_MS = 1_000
/** How long a sink that ignores its abort signal is waited for. */
const GRACE_MS = 1_000

/**
 * The way of one sink's queue to its receiver. One delivery is under way at a time and the oldest items go first, so
 * that the order holds; a failure holds the whole lane back. A step is: wait for back-off and token, claim, send,
 * settle. A batch that the receiver refuses is halved until what it refuses stands alone. A batch that makes it fail
 * is halved from try to try, for one poisonous event can look like a dead receiver.
 */
export class Lane<Item extends Queued> {
  readonly #o: LaneOptions<Item>
  #limit: number
  #backlogToldAt = 0

  constructor(options: LaneOptions<Item>) {
    this.#o = options
    this.#limit = options.maxBatch
  }

  get name(): string {
    return this.#o.name
  }

  /**
   * At most one claim and its delivery.
   * @returns when to step again, ms since the epoch: now if at once, Infinity if only a wake can bring work
   */
  async step(stop: AbortSignal, claimAhead = 0): Promise<number> {
    const { queue, clock, rate } = this.#o
    const now = clock.now()
    const gate = this.#filled(queue.gate(), now)
    if (now < gate.notBefore) return gate.notBefore
    if (rate) {
      const wait = waitMs({ tokens: gate.tokens, at: gate.tokensAt }, rate)
      if (wait > 0) return now + wait
    }
    const probing = breakerState(gate, now) === 'half_open'
    if (probing) this.#o.telemetry.breaker(this.name, 'half_open', gate.detail ?? '')
    const items = queue.claim(now + claimAhead, probing ? 1 : this.#limit, now + 2 * this.#o.timeoutMs)
    if (items.length === 0) {
      this.#tellBacklog(now)
      return queue.nextDue() - claimAhead
    }
    await this.#deliver(items, gate, stop)
    this.#tellBacklog(clock.now())
    return clock.now()
  }

  /** Counting a long queue costs some milliseconds, so it is not done for each delivery. */
  #tellBacklog(now: number): void {
    if (now - this.#backlogToldAt < BACKLOG_EVERY_MS) return
    this.#backlogToldAt = now
    const { pending, oldest } = this.#o.queue.backlog()
    this.#o.telemetry.backlog(this.name, pending, oldest === null ? 0 : Math.max(0, now - oldest))
  }

  async #deliver(claimed: readonly Item[], before: Gate, stop: AbortSignal): Promise<void> {
    const { clock, telemetry } = this.#o
    let gate = before
    const parts: (readonly Item[])[] = [claimed]
    while (parts.length > 0) {
      const part = parts.pop() as readonly Item[]
      const startedAt = clock.now()
      gate = this.#spend(gate, startedAt)
      const outcome = await this.#send(part, stop)
      const now = clock.now()
      switch (outcome.kind) {
        case 'delivered':
          gate = this.#succeeded(gate, part.length, now)
          this.#o.queue.settle({ delivered: part, retry: [], dead: [] }, gate, now)
          telemetry.delivered(this.name, part.length, now - startedAt)
          break
        case 'partial': {
          const gone = new Set([...outcome.retry, ...outcome.rejected.map((r) => r.item)])
          const delivered = part.filter((item) => !gone.has(item))
          if (outcome.retry.length === 0) gate = this.#succeeded(gate, delivered.length, now)
          else gate = this.#partly(gate, delivered.length, outcome, now)
          this.#settle({ delivered, retry: outcome.retry, dead: outcome.rejected }, gate, now)
          if (delivered.length > 0) telemetry.delivered(this.name, delivered.length, now - startedAt)
          if (outcome.retry.length > 0) return this.#giveBack(parts, gate, now)
          break
        }
        case 'rejected':
          if (part.length > 1) {
            const middle = part.length >> 1
            parts.push(part.slice(middle), part.slice(0, middle))
          } else {
            gate = this.#succeeded(gate, 0, now)
            this.#settle({ delivered: [], retry: [], dead: [{ item: part[0], ...reasoned(outcome) }] }, gate, now)
          }
          break
        case 'retry':
          // Broken off because we stop: the receiver is not to blame, and the next start takes it up at once.
          if (stop.aborted) return this.#giveBack([part, ...parts], before, now)
          gate = this.#failed(gate, part, outcome, now)
          return this.#giveBack(parts, gate, now)
        default:
          throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`)
      }
    }
  }

  /** Sends, and turns whatever a sink should not do (throw, ignore the abort) into an outcome. */
  async #send(items: readonly Item[], stop: AbortSignal): Promise<LaneOutcome<Item>> {
    const limit = AbortSignal.timeout(this.#o.timeoutMs)
    const signal = AbortSignal.any([stop, limit])
    let graceTimer: NodeJS.Timeout | undefined
    const deserted = new Promise<LaneOutcome<Item>>((resolve) => {
      const onAbort = () => {
        graceTimer = setTimeout(() => {
          resolve({ kind: 'retry', reason: 'timeout', detail: `no answer within ${this.#o.timeoutMs} ms` })
        }, GRACE_MS)
      }
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      return await Promise.race([this.#o.send(items, signal), deserted])
    } catch (error) {
      return { kind: 'retry', reason: 'unexpected', detail: bounded(messageOf(error)) }
    } finally {
      clearTimeout(graceTimer)
    }
  }

  #failed(gate: Gate, part: readonly Item[], failure: LaneOutcome<Item> & { kind: 'retry' }, now: number): Gate {
    const { retry, random, telemetry, queue } = this.#o
    const wait = backoffMs(retry, gate.failures, random, failure.afterMs)
    const next: Gate = { ...gate, failures: gate.failures + 1, notBefore: now + wait, ...reasoned(failure) }
    const settlement = this.#withoutExpired(part, failure, now)
    const suspicious = SUSPICIOUS.has(failure.reason)
    if (suspicious) this.#limit = Math.max(1, this.#limit >> 1)
    const [first] = settlement.retry
    if (suspicious && settlement.retry.length === 1 && first.attempts >= SUSPECT_AFTER) {
      queue.settle({ ...settlement, retry: [], aside: { item: first, until: now + retry.capMs } }, next, now)
    } else {
      queue.settle(settlement, next, now)
    }
    this.#tellBurials(settlement.dead)
    telemetry.retrying(this.name, settlement.retry.length, failure.reason, failure.detail, wait)
    if (breakerState(gate, now) === 'closed' && breakerState(next, now) === 'open') {
      telemetry.breaker(this.name, 'open', next.detail ?? '')
    }
    return next
  }

  /** Part of a batch has to come again. Where some of it arrived the receiver is alive, so the back-off does not grow. */
  #partly(gate: Gate, delivered: number, outcome: LaneOutcome<Item> & { kind: 'partial' }, now: number): Gate {
    const { retry, random, telemetry } = this.#o
    const base = delivered > 0 ? this.#succeeded(gate, delivered, now) : gate
    if (outcome.reason === undefined) return base
    const wait = backoffMs(retry, base.failures, random, outcome.afterMs)
    const detail = bounded(outcome.detail)
    telemetry.retrying(this.name, outcome.retry.length, outcome.reason, detail, wait)
    return { ...base, failures: base.failures + 1, notBefore: now + wait, reason: outcome.reason, detail }
  }

  #succeeded(gate: Gate, items: number, now: number): Gate {
    if (breakerState(gate, now) !== 'closed') this.#o.telemetry.breaker(this.name, 'closed', '')
    this.#limit = Math.min(this.#o.maxBatch, this.#limit * 2)
    const deliveredAt = items > 0 ? now : gate.deliveredAt
    const deliveredTotal = gate.deliveredTotal + items
    return { ...gate, failures: 0, notBefore: 0, reason: null, detail: null, deliveredAt, deliveredTotal }
  }

  #settle(settlement: Settlement<Item>, gate: Gate, now: number): void {
    const expired = this.#withoutExpired(settlement.retry, gate, now)
    const dead = [...settlement.dead.map(tidied), ...expired.dead]
    this.#o.queue.settle({ ...settlement, retry: expired.retry, dead }, gate, now)
    this.#tellBurials(dead)
  }

  /** The parts of a claim that were not reached return to the queue untouched. */
  #giveBack(parts: readonly (readonly Item[])[], gate: Gate, now: number): void {
    const retry = parts.flat()
    if (retry.length > 0) this.#o.queue.settle({ delivered: [], retry, dead: [] }, gate, now)
  }

  #withoutExpired(
    items: readonly Item[],
    failure: { reason: FailureReason | null; detail: string | null },
    now: number,
  ): Settlement<Item> {
    const { giveUpMs } = this.#o.retry
    const retry = items.filter((item) => now - item.firstTriedAt < giveUpMs)
    const hours = Math.round(giveUpMs / 3_600_000)
    const detail = `given up after ${hours} h: ${bounded(failure.detail)}`
    const dead = items
      .filter((item) => now - item.firstTriedAt >= giveUpMs)
      .map((item) => ({ item, reason: failure.reason ?? ('unexpected' as const), detail }))
    return { delivered: [], retry, dead }
  }

  #tellBurials(dead: readonly Burial<Item>[]): void {
    for (const { reason, detail } of dead) this.#o.telemetry.buried(this.name, 1, reason, detail)
  }

  #filled(gate: Gate, now: number): Gate {
    const { rate } = this.#o
    if (!rate) return gate
    const bucket = refill({ tokens: gate.tokens, at: gate.tokensAt }, rate, now)
    return { ...gate, tokens: bucket.tokens, tokensAt: bucket.at }
  }

  /** One token for one request. Halving a refused batch may overdraw the bucket; later steps wait that off. */
  #spend(gate: Gate, now: number): Gate {
    if (!this.#o.rate) return gate
    const filled = this.#filled(gate, now)
    return { ...filled, tokens: filled.tokens - 1 }
  }
}

function reasoned(failure: { readonly reason: FailureReason; readonly detail: string }) {
  return { reason: failure.reason, detail: bounded(failure.detail) }
}

function tidied<Item>(burial: Burial<Item>): Burial<Item> {
  return { ...burial, detail: bounded(burial.detail) }
}
