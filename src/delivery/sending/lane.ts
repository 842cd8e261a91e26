import type { SteadyClock } from '../../core/clock.ts'
import type { FailureReason } from '../../core/documents/failure.ts'
import type { Random } from '../../core/random.ts'
import type { Burial, Gate, Queue, Queued, Settlement } from '../../store/delivery/queue.ts'
import { bounded, MAX_RETRY_AFTER_MS } from '../sink/classify.ts'
import type { PartlyDelivered, RequestOutcome, Retry } from '../sink/sink.ts'
import { breakerState } from './circuit-breaker.ts'
import { afterFailure, afterSuccess, waitOf, withTokenSpent } from './gate.ts'
import type { Rate } from './rate-limit.ts'
import { backoffMs, type RetryPolicy, splitExpired, untriedMs } from './retry-policy.ts'
import type { DeliveryTelemetry } from './telemetry.ts'
import { sendWithin } from './time-limit.ts'

/** `PartlyDelivered` with queued items in place of findings. */
export interface PartlyDeliveredItems<Item> extends Omit<PartlyDelivered, 'retry' | 'rejected'> {
  readonly retry: readonly Item[]
  readonly rejected: readonly Burial<Item>[]
}

export interface LaneOptions<Item extends Queued> {
  readonly name: string
  readonly queue: Queue<Item>
  /** Sends items in order. `signal` aborts at the time limit. */
  readonly send: (items: readonly Item[], signal: AbortSignal) => Promise<RequestOutcome | PartlyDeliveredItems<Item>>
  readonly maxBatch: number
  /** A drain also sends the items that become due within this time: notices in their group wait, ms. */
  readonly drainAheadMs: number
  readonly rate?: Rate
  readonly timeoutMs: number
  /** Whether the sink got a new secret, so that a queue held for the former one goes on at once. */
  readonly renewed?: () => boolean
  readonly retry: RetryPolicy
  readonly clock: SteadyClock
  readonly random: Random
  readonly telemetry: DeliveryTelemetry
}

/** Failures that a single item can cause as well as a dead receiver. */
const AMBIGUOUS: ReadonlySet<FailureReason> = new Set(['server_error', 'timeout', 'unexpected'])
/** An item that fails this many times is set aside when it is alone in a batch, so that it does not block the queue. */
const ASIDE_AFTER = 10
/** Shortest time between two reports of the backlog. Counting a long queue takes milliseconds. */
const BACKLOG_EVERY_MS = 1_000

/**
 * Sends the queue of one sink to its receiver, oldest items first. Only one delivery is in progress at a time and a
 * failure stops the whole lane, so the order holds.
 *
 * If the receiver rejects a batch, the lane halves it until the rejected items stand alone. After an ambiguous failure
 * the lane halves the size of the next batch, because one invalid item can look like a dead receiver.
 */
export class Lane<Item extends Queued> {
  readonly #o: LaneOptions<Item>
  #batchSize: number
  #backlogReportedAt = Number.NEGATIVE_INFINITY

  constructor(options: LaneOptions<Item>) {
    this.#o = options
    this.#batchSize = options.maxBatch
  }

  get name(): string {
    return this.#o.name
  }

  get drainAheadMs(): number {
    return this.#o.drainAheadMs
  }

  /** Moves the stored times along with the wall clock, which was set by `byMs`. */
  clockSet(byMs: number, now: number): void {
    const longestMs = this.#o.retry.capMs
    const longestAskedMs = Math.max(longestMs, MAX_RETRY_AFTER_MS)
    this.#o.queue.clockSet({ byMs, now, longestMs, longestAskedMs })
  }

  /** Returns the items that an earlier process had claimed to the queue. */
  release(): void {
    this.#o.queue.release()
  }

  pending(): number {
    return this.#o.queue.backlog().pending
  }

  nextDue(): number {
    return this.#o.queue.nextDue()
  }

  /**
   * Claims and delivers at most one batch.
   * @param aheadMs also claim items that become due within this time
   * @returns when to call again, ms since the epoch: now for at once, Infinity if only a wake can bring work
   */
  async step(stop: AbortSignal, aheadMs = 0): Promise<number> {
    const { queue, clock, rate, timeoutMs, telemetry } = this.#o
    const now = clock.now()
    const gate = queue.gate()
    const wait = waitOf(gate, rate, now)
    if (wait > 0 && !this.#isRenewed(gate)) return now + wait
    const probing = wait > 0 || breakerState(gate, now) === 'half_open'
    if (probing) telemetry.breaker(this.name, 'half_open', gate.detail ?? '')
    const claimed = queue.claim(now + aheadMs, probing ? 1 : this.#batchSize, now + 2 * timeoutMs)
    if (claimed.length === 0) {
      this.#reportBacklog(now)
      return queue.nextDue() - aheadMs
    }
    await this.#deliver(this.#forgiven(claimed, gate, now), gate, stop)
    this.#reportBacklog(clock.now())
    return clock.now()
  }

  #isRenewed({ reason }: Gate): boolean {
    return (reason === 'unauthorized' || reason === 'misconfigured') && this.#o.renewed?.() === true
  }

  #forgiven(claimed: readonly Item[], gate: Gate, now: number): readonly Item[] {
    const untried = untriedMs(this.#o.retry, gate.tokensAt, now)
    if (untried === 0) return claimed
    this.#o.queue.forgive(untried, now)
    return claimed.map((item) => ({ ...item, firstTriedAt: Math.min(item.firstTriedAt + untried, now) }))
  }

  async #deliver(claimed: readonly Item[], before: Gate, stop: AbortSignal): Promise<void> {
    const { clock, rate, timeoutMs, send, telemetry } = this.#o
    let gate = before
    const [claimedAt, from] = [clock.now(), clock.monotonic()]
    /** By the clock that the claimed items know, even if it is set meanwhile. */
    const failedAt = () => claimedAt + clock.monotonic() - from
    const parts: (readonly Item[])[] = [claimed]
    while (parts.length > 0) {
      const part = parts.pop() as readonly Item[]
      const startedAt = clock.monotonic()
      gate = withTokenSpent(gate, rate, clock.now())
      const outcome = await sendWithin(timeoutMs, stop, (signal) => send(part, signal))
      const now = clock.now()
      switch (outcome.kind) {
        case 'delivered':
          gate = this.#succeed(gate, part.length, now)
          this.#settle({ delivered: part, retry: [], dead: [] }, gate, now)
          telemetry.delivered(this.name, part.length, Math.round(clock.monotonic() - startedAt))
          break
        case 'partial': {
          const { retry, rejected } = outcome
          const failed = new Set([...retry, ...rejected.map(({ item }) => item)])
          const delivered = part.filter((item) => !failed.has(item))
          gate = this.#deliverPartly(gate, delivered, outcome, now, failedAt())
          if (delivered.length > 0)
            telemetry.delivered(this.name, delivered.length, Math.round(clock.monotonic() - startedAt))
          if (retry.length > 0) return this.#giveBack(parts, gate, now)
          break
        }
        case 'rejected':
          if (part.length > 1) {
            const middle = part.length >> 1
            parts.push(part.slice(middle), part.slice(0, middle))
          } else {
            const { reason, detail } = outcome
            gate = this.#succeed(gate, 0, now)
            this.#settle({ delivered: [], retry: [], dead: [{ item: part[0], reason, detail }] }, gate, now)
          }
          break
        case 'retry':
          // We interrupted the delivery ourselves, so it does not count as a failure of the receiver.
          if (stop.aborted) return this.#giveBack([part, ...parts], before, now)
          gate = this.#fail(gate, part, outcome, now, failedAt())
          return this.#giveBack(parts, gate, now)
        default:
          throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`)
      }
    }
  }

  #succeed(gate: Gate, items: number, now: number): Gate {
    if (breakerState(gate, now) !== 'closed') this.#o.telemetry.breaker(this.name, 'closed', '')
    this.#batchSize = Math.min(this.#o.maxBatch, this.#batchSize * 2)
    return afterSuccess(gate, items, now)
  }

  #fail(gate: Gate, part: readonly Item[], failure: Retry, now: number, failedAt: number): Gate {
    const { retry: policy, random, telemetry } = this.#o
    const wait = backoffMs(policy, gate.failures, random, failure.afterMs)
    const next = afterFailure(gate, failure.reason, bounded(failure.detail), now + wait)
    const ambiguous = AMBIGUOUS.has(failure.reason)
    if (ambiguous) this.#batchSize = Math.max(1, this.#batchSize >> 1)
    const { retry, dead } = splitExpired(part, failure, policy, failedAt)
    const [first] = retry
    if (ambiguous && retry.length === 1 && first.attempts >= ASIDE_AFTER) {
      this.#settle({ delivered: [], retry: [], dead, aside: { item: first, until: now + policy.capMs } }, next, now)
    } else {
      this.#settle({ delivered: [], retry, dead }, next, now)
    }
    telemetry.retrying(this.name, retry.length, failure.reason, failure.detail, wait)
    if (breakerState(gate, now) === 'closed' && breakerState(next, now) === 'open') {
      telemetry.breaker(this.name, 'open', next.detail ?? '')
    }
    return next
  }

  /** If part of the batch arrived, the receiver works, so the back-off starts again from its shortest wait. */
  #deliverPartly(
    gate: Gate,
    delivered: readonly Item[],
    outcome: PartlyDeliveredItems<Item>,
    now: number,
    failedAt: number,
  ): Gate {
    const { retry: policy, random, telemetry } = this.#o
    const { reason, afterMs, retry, rejected } = outcome
    let next = delivered.length > 0 || retry.length === 0 ? this.#succeed(gate, delivered.length, now) : gate
    if (retry.length > 0 && reason !== undefined) {
      const wait = backoffMs(policy, next.failures, random, afterMs)
      const detail = bounded(outcome.detail)
      telemetry.retrying(this.name, retry.length, reason, detail, wait)
      next = afterFailure(next, reason, detail, now + wait)
    }
    const { retry: again, dead } = splitExpired(retry, next, policy, failedAt)
    this.#settle({ delivered, retry: again, dead: [...rejected, ...dead] }, next, now)
    return next
  }

  #settle(settlement: Settlement<Item>, gate: Gate, now: number): void {
    const dead = settlement.dead.map((letter) => ({ ...letter, detail: bounded(letter.detail) }))
    this.#o.queue.settle({ ...settlement, dead }, gate, now)
    for (const { reason, detail } of dead) this.#o.telemetry.deadLettered(this.name, 1, reason, detail)
  }

  /** Returns claimed items that were not sent to the queue. */
  #giveBack(parts: readonly (readonly Item[])[], gate: Gate, now: number): void {
    const retry = parts.flat()
    if (retry.length > 0) this.#settle({ delivered: [], retry, dead: [] }, gate, now)
  }

  #reportBacklog(now: number): void {
    const at = this.#o.clock.monotonic()
    if (at - this.#backlogReportedAt < BACKLOG_EVERY_MS) return
    this.#backlogReportedAt = at
    const { pending, oldest } = this.#o.queue.backlog()
    this.#o.telemetry.backlog(this.name, pending, oldest === null ? 0 : Math.max(0, now - oldest))
  }
}
