import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Database } from '../../store/database.ts'
import { NoticeQueue, type QueuedNotice } from '../../store/notices.ts'
import { FindingQueue, type QueuedFinding } from '../../store/outbox.ts'
import type { Queued } from '../../store/queue.ts'
import type { IncidentsConfig } from '../routing/config.ts'
import { type ConfiguredSink, planOf, routesOf } from '../routing/configure.ts'
import { type Routes, resolveQuiet } from '../routing/enqueue.ts'
import type { DeliveryOutcome, Finding, Sink } from '../sink/sink.ts'
import { Lane, type LaneOptions } from './lane.ts'
import { noticeOf } from './notices.ts'
import { QuietQueue } from './quiet-queue.ts'
import { DEFAULT_RETRY } from './retry-policy.ts'
import { type DeliveryTelemetry, silentTelemetry } from './telemetry.ts'

export interface DispatcherOptions {
  readonly clock: Clock
  readonly random: Random
  readonly incidents: IncidentsConfig
  readonly telemetry?: DeliveryTelemetry
}

/** Open incidents are looked over for their end this often. */
const HOUSEKEEPING_MS = 15_000
/** A lane with nothing to do looks again after this, whatever it was told: rows may come from another process. */
const IDLE_MS = 5_000
/** After a failure of our own side, such as a locked database. */
const FALTER_MS = 1_000

/** Most incidents told in one digest. */
const MAX_DIGEST = 1_000

interface Runner {
  readonly lane: { readonly name: string; step(stop: AbortSignal, claimAhead?: number): Promise<number> }
  /** How far ahead a drain looks: notices still in their group wait go out before the process ends. */
  readonly ahead: number
  readonly release: () => void
  readonly pending: () => number
  readonly due: () => number
}

/**
 * Brings what is queued to its receivers: one lane per sink, so that a dead receiver holds back nobody else. Runs on
 * the main thread; its SQL is a few rows at a time.
 *
 * It is stopped (as made), running (`start`), or stopping (`stop`): then no new delivery begins, those under way may
 * finish until the deadline, and are aborted after it. What was not settled comes again after the next start.
 */
export class Dispatcher {
  readonly #db: Database
  readonly #sinks: readonly ConfiguredSink[]
  readonly #options: DispatcherOptions
  readonly #telemetry: DeliveryTelemetry
  readonly #routes: Routes
  readonly #runners: readonly Runner[]
  readonly #wakers = new Set<() => void>()
  #abort = new AbortController()
  #stopping = true
  /** Counts wakes, so that one that comes while a lane is busy is not slept over. */
  #wakes = 0
  #loops: Promise<void>[] = []

  constructor(db: Database, sinks: readonly ConfiguredSink[], options: DispatcherOptions) {
    this.#db = db
    this.#sinks = sinks
    this.#options = options
    this.#telemetry = options.telemetry ?? silentTelemetry
    this.#routes = routesOf(sinks, options.incidents)
    this.#runners = sinks.map((sink) => this.#runner(sink))
  }

  /** What `enqueue` needs. */
  get routes(): Routes {
    return this.#routes
  }

  /** Takes up the queues where an earlier process left them. To be called by the holder of the state's lock alone. */
  start(): void {
    if (!this.#stopping) return
    this.#stopping = false
    this.#abort = new AbortController()
    for (const runner of this.#runners) runner.release()
    this.#loops = [...this.#runners.map((runner) => this.#loop(runner)), this.#housekeeping()]
  }

  /** Something was committed to the queues. */
  wake(): void {
    this.#wakes++
    for (const waker of [...this.#wakers]) waker()
  }

  /**
   * Delivers what is due, notices in their group wait included, until nothing is or the deadline has passed. Waits for
   * a back-off only where it ends before the deadline. For a dispatcher that is not running, as in `--once`.
   */
  async drain(deadlineMs: number): Promise<{ readonly pending: number }> {
    const deadline = this.#options.clock.now() + deadlineMs
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), deadlineMs)
    this.#resolveQuiet()
    for (const runner of this.#runners) runner.release()
    await Promise.all(this.#runners.map((runner) => this.#drainOne(runner, deadline, abort.signal)))
    clearTimeout(timer)
    return { pending: this.pending() }
  }

  /** Findings and notices that wait, over all sinks. */
  pending(): number {
    return this.#runners.reduce((sum, runner) => sum + runner.pending(), 0)
  }

  async #drainOne({ lane, ahead, due }: Runner, deadline: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    try {
      while (!signal.aborted) {
        const wait = (await lane.step(signal, ahead)) - clock.now()
        if (wait <= 0) continue
        if (due() - ahead > clock.now() || clock.now() + wait > deadline) return
        await this.#sleep(wait, false)
      }
    } catch (error) {
      this.#telemetry.faltered(lane.name, error)
    }
  }

  /** One step of every sink and of the housekeeping, for a caller with a clock of its own. */
  async turn(): Promise<void> {
    this.#resolveQuiet()
    await Promise.all(this.#runners.map(({ lane }) => lane.step(this.#abort.signal)))
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true
    this.wake()
    const timer = setTimeout(() => this.#abort.abort(), deadlineMs)
    await Promise.all(this.#loops)
    clearTimeout(timer)
    this.#loops = []
    await Promise.allSettled(this.#sinks.map(({ sink }) => sink.close?.()))
  }

  async #loop({ lane }: Runner): Promise<void> {
    const { clock } = this.#options
    while (!this.#stopping) {
      const wakes = this.#wakes
      let next: number
      try {
        next = await lane.step(this.#abort.signal)
      } catch (error) {
        this.#telemetry.faltered(lane.name, error)
        next = clock.now() + FALTER_MS
      }
      const wait = Math.min(next - clock.now(), IDLE_MS)
      if (wait > 0 && wakes === this.#wakes) await this.#sleep(wait, true)
      else await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #housekeeping(): Promise<void> {
    while (!this.#stopping) {
      this.#resolveQuiet()
      const until = Date.now() + HOUSEKEEPING_MS
      while (!this.#stopping && Date.now() < until) await this.#sleep(until - Date.now(), true)
    }
  }

  #resolveQuiet(): void {
    try {
      if (resolveQuiet(this.#db, this.#routes, this.#options.clock.now()) > 0) this.wake()
    } catch (error) {
      this.#telemetry.faltered('incidents', error)
    }
  }

  #sleep(ms: number, wakeable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#wakers.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (wakeable && this.#stopping) done()
      else if (wakeable) this.#wakers.add(done)
    })
  }

  #runner(configured: ConfiguredSink): Runner {
    const { name, settings, limits } = configured
    const shared = {
      name,
      rate:
        limits.ratePerSecond === undefined
          ? undefined
          : { perSecond: limits.ratePerSecond, burst: limits.burst ?? Math.max(1, limits.ratePerSecond) },
      timeoutMs: settings.timeout,
      retry: { ...DEFAULT_RETRY, capMs: settings.retry_max_wait, giveUpMs: settings.retry_for },
      clock: this.#options.clock,
      random: this.#options.random,
      telemetry: this.#telemetry,
    }
    switch (configured.takes) {
      case 'findings': {
        const queue = new FindingQueue(this.#db, name)
        const send = findingSender(configured.sink)
        return runner({ ...shared, queue, send, maxBatch: limits.maxBatch }, 0)
      }
      case 'notices': {
        const stored = new NoticeQueue(this.#db, name, planOf(settings))
        const quiet = {
          sink: name,
          inhibit: this.#options.incidents.inhibit,
          mute: settings.mute,
          digestAbove: settings.digest_above,
        }
        const queue = new QuietQueue(this.#db, stored, quiet, this.#telemetry)
        const { sink } = configured
        const send: LaneOptions<QueuedNotice>['send'] = (items, signal) => sink.notify(noticeOf(items), signal)
        return runner({ ...shared, queue, send, maxBatch: MAX_DIGEST }, settings.group_wait)
      }
      default:
        throw new Error(`unknown kind of sink ${JSON.stringify(configured satisfies never)}`)
    }
  }
}

function runner<Item extends Queued>(options: LaneOptions<Item>, ahead: number): Runner {
  const { queue } = options
  return {
    lane: new Lane(options),
    ahead,
    release: () => queue.release(),
    pending: () => queue.backlog().pending,
    due: () => queue.nextDue(),
  }
}

/** A sink speaks of findings, its lane of queued ones. */
function findingSender(sink: Sink): LaneOptions<QueuedFinding>['send'] {
  return async (items, signal) => {
    const outcome: DeliveryOutcome = await sink.deliver(
      items.map((item) => item.finding),
      signal,
    )
    if (outcome.kind !== 'partial') return outcome
    const itemOf = new Map<Finding, QueuedFinding>(items.map((item) => [item.finding, item]))
    const retry = outcome.retry.map((finding) => itemOf.get(finding)).filter((item) => item !== undefined)
    const rejected = outcome.rejected.flatMap(({ finding, reason, detail }) => {
      const item = itemOf.get(finding)
      return item ? [{ item, reason, detail }] : []
    })
    return { ...outcome, retry, rejected }
  }
}
