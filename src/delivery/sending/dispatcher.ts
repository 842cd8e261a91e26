import { setTimeout as sleep } from 'node:timers/promises'
import { ClockJumps, type SteadyClock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Database } from '../../store/database.ts'
import { Incidents } from '../../store/incidents.ts'
import type { IncidentsConfig } from '../routing/config.ts'
import type { ConfiguredSink } from '../routing/configure.ts'
import { resolveQuiet } from '../routing/enqueue.ts'
import { type Routes, routesOf } from '../routing/routes.ts'
import { laneOf } from './lane-of.ts'
import { type DeliveryTelemetry, silentTelemetry } from './telemetry.ts'
import { WakeSignal } from './wake-signal.ts'

export interface DispatcherOptions {
  readonly clock: SteadyClock
  readonly random: Random
  readonly incidents: IncidentsConfig
  readonly telemetry?: DeliveryTelemetry
}

/** How often the dispatcher resolves incidents that have become quiet. */
const RESOLVE_EVERY_MS = 15_000
/** Longest sleep of a lane without work: another process may have queued something. */
const IDLE_MS = 5_000
/** How long a drain that is stopped waits for the deliveries in progress. */
const GRACE_MS = 3_000
/** Pause after a failure of our own, for example a locked database. */
const FAILURE_PAUSE_MS = 1_000

type AnyLane = ReturnType<typeof laneOf>

/**
 * Delivers what is queued, with one lane per sink, so that a dead receiver delays no other. It runs on the main thread
 * and its SQL touches a few rows at a time.
 *
 * `start` runs the lanes in the background until `stop`. `drain` empties the queues once, without `start`.
 */
export class Dispatcher {
  /** What `enqueue` needs. */
  readonly routes: Routes
  readonly #db: Database
  readonly #sinks: readonly ConfiguredSink[]
  readonly #clock: SteadyClock
  readonly #jumps: ClockJumps
  /** By how much the wall clock was set since stored times were moved along, ms. */
  #owedMs = 0
  readonly #telemetry: DeliveryTelemetry
  readonly #lanes: readonly AnyLane[]
  readonly #wakeups = new WakeSignal()
  /** Ends the loops; undefined while the dispatcher is not started. */
  #stop: AbortController | undefined
  /** Aborts the deliveries in progress. */
  #abort = new AbortController()
  #loops: Promise<void>[] = []

  constructor(db: Database, sinks: readonly ConfiguredSink[], options: DispatcherOptions) {
    const { clock, random, incidents, telemetry = silentTelemetry } = options
    this.#db = db
    this.#sinks = sinks
    this.#jumps = new ClockJumps(clock)
    this.#clock = { now: () => this.#now(clock), monotonic: () => clock.monotonic() }
    this.#telemetry = telemetry
    this.routes = routesOf(sinks, incidents)
    this.#lanes = sinks.map((sink) => laneOf(db, sink, { incidents, clock: this.#clock, random, telemetry }))
  }

  /** Starts the lanes. Only the process that holds the lock of the state directory may call it. */
  start(): void {
    if (this.#stop) return
    const stop = new AbortController()
    this.#stop = stop
    this.#abort = new AbortController()
    this.#takeOver()
    this.#loops = [...this.#lanes.map((lane) => this.#loop(lane, stop.signal)), this.#resolveLoop(stop.signal)]
  }

  /** Call it after a commit to the queues. */
  wake(): void {
    this.#wakeups.wake()
  }

  /** Starts no new delivery, waits for those in progress until the deadline, then aborts them. A later start repeats what is not settled. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stop?.abort()
    this.wake()
    const timer = setTimeout(() => this.#abort.abort(), deadlineMs)
    await Promise.all(this.#loops)
    clearTimeout(timer)
    this.#loops = []
    this.#stop = undefined
    await Promise.allSettled(this.#sinks.map(({ sink }) => sink.close?.()))
  }

  /**
   * Delivers everything that is due, including notices in their group wait, until the queues are empty or the deadline
   * passes or `stop` aborts. It waits for a back-off only if that ends before the deadline. For a dispatcher that is not
   * started, as in `oddline run --once`.
   */
  async drain(deadlineMs: number, stop?: AbortSignal): Promise<{ readonly pending: number }> {
    const deadline = this.#clock.monotonic() + deadlineMs
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), deadlineMs)
    let grace: NodeJS.Timeout | undefined
    const onStop = () => {
      grace = setTimeout(() => abort.abort(), GRACE_MS)
    }
    stop?.addEventListener('abort', onStop, { once: true })
    this.#takeOver()
    this.#resolveQuiet()
    await Promise.all(this.#lanes.map((lane) => this.#drainLane(lane, deadline, abort.signal, stop)))
    clearTimeout(timer)
    clearTimeout(grace)
    stop?.removeEventListener('abort', onStop)
    return { pending: this.pending() }
  }

  /** Number of waiting findings and notices, over all sinks. */
  pending(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.pending(), 0)
  }

  /** Runs one step of every lane. For callers that advance a clock of their own. */
  async turn(): Promise<void> {
    this.#resolveQuiet()
    await Promise.all(this.#lanes.map((lane) => lane.step(this.#abort.signal)))
  }

  /** Takes over what an earlier process left: its claims, and times that a wrong clock wrote. */
  #takeOver(): void {
    for (const lane of this.#lanes) lane.release()
    this.#clockSet(0, this.#clock.now())
  }

  /** Whoever asks for the time finds stored times that fit to it. */
  #now(clock: SteadyClock): number {
    this.#owedMs += this.#jumps.take()
    const now = clock.now()
    if (this.#owedMs === 0) return now
    try {
      this.#clockSet(this.#owedMs, now)
      this.#telemetry.clockSet(this.#owedMs)
      this.#owedMs = 0
    } catch (error) {
      this.#telemetry.failed('clock', error)
    }
    return now
  }

  #clockSet(byMs: number, now: number): void {
    this.#db
      .transaction(() => {
        new Incidents(this.#db).clockSet(byMs, now)
        for (const lane of this.#lanes) lane.clockSet(byMs, now)
      })
      .immediate()
  }

  async #drainLane(lane: AnyLane, deadline: number, signal: AbortSignal, stop?: AbortSignal): Promise<void> {
    const ahead = lane.drainAheadMs
    try {
      while (!signal.aborted && !stop?.aborted) {
        const wait = (await lane.step(signal, ahead)) - this.#clock.now()
        if (wait <= 0) continue
        if (lane.nextDue() - ahead > this.#clock.now() || this.#clock.monotonic() + wait > deadline) return
        await sleep(wait, undefined, { signal: stop }).catch(() => undefined)
      }
    } catch (error) {
      this.#telemetry.failed(lane.name, error)
    }
  }

  async #loop(lane: AnyLane, stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const { wakes } = this.#wakeups
      let next: number
      try {
        next = await lane.step(this.#abort.signal)
      } catch (error) {
        this.#telemetry.failed(lane.name, error)
        next = this.#clock.now() + FAILURE_PAUSE_MS
      }
      await this.#wakeups.sleep(Math.min(next - this.#clock.now(), IDLE_MS), wakes)
    }
  }

  async #resolveLoop(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      this.#resolveQuiet()
      await sleep(RESOLVE_EVERY_MS, undefined, { signal: stopped }).catch(() => undefined)
    }
  }

  #resolveQuiet(): void {
    try {
      if (resolveQuiet(this.#db, this.routes, this.#clock.now()) > 0) this.wake()
    } catch (error) {
      this.#telemetry.failed('incidents', error)
    }
  }
}
