import { extname } from 'node:path'
import type { Config } from './config/schema.ts'
import { systemClock } from './core/clock.ts'
import type { BatchProgress, BatchResult } from './core/documents/batch.ts'
import type { TrainingProgress } from './core/documents/training.ts'
import { configureSinks } from './delivery/routing/configure.ts'
import { Dispatcher } from './delivery/sending/dispatcher.ts'
import { markOf, rememberChecked, wereChecked } from './detectors/rules/loading/checked-rules.ts'
import { EngineClient } from './pipeline/engine/engine-client.ts'
import { type EngineHandle, openIdleEngine } from './pipeline/engine/idle-engine.ts'
import { listBatches } from './queries/batches.ts'
import type { Triggers } from './schedule/triggers.ts'
import { type Database, openDatabase } from './store/database.ts'
import { lockState } from './store/lock.ts'
import { makeShrinkable } from './store/retention/database-size.ts'
import { EventLoopMonitor } from './telemetry/event-loop.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

export interface AppOptions {
  readonly dryRun: boolean
  /** Whether the process also serves requests, to which batches yield the processor. */
  readonly serving: boolean
  /** Ends batches and deliveries early and whole. Nothing new is started when it has aborted, at whatever moment. */
  readonly stop: AbortSignal
  readonly telemetry: Telemetry
  onProgress(progress: BatchProgress): void
  onTraining(progress: TrainingProgress): void
}

/** How long `--once` delivers what is due, and how long a stop waits for deliveries under way, ms. */
const DRAIN_MS = 30_000
const STOP_MS = 3_000

/** The module that makes the report of a batch; the batch thread loads it. */
const REPORTER = new URL(`./faces/report/write${extname(import.meta.url)}`, import.meta.url).href

interface Parts {
  readonly config: Config
  readonly options: AppOptions
  readonly lock: { release(): void }
  readonly loop: EventLoopMonitor
  readonly db: Database
  readonly engine: EngineHandle
  readonly dispatcher: Dispatcher
}

/** The composition root: parts start in the order of their needs and stop in reverse. */
export class App {
  readonly #parts: Parts
  #triggers: Triggers | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
    const { stop } = parts.options
    if (stop.aborted) parts.engine.stop()
    else stop.addEventListener('abort', () => parts.engine.stop(), { once: true })
  }

  get db(): Database {
    return this.#parts.db
  }

  /** @throws OddlineError STATE_*, CONFIG_INVALID, RULE_INVALID, MODEL_INVALID; nothing is left open then */
  static async open(config: Config, options: AppOptions): Promise<App> {
    const { telemetry } = options
    // Loading the clients of the sinks takes longer than reading an empty directory.
    const builtin = Object.keys(config.sinks).length > 0 ? (await import('../sinks/builtin.ts')).BUILTIN_SINKS : []
    const sinks = await configureSinks(config.sinks, { builtin, env: process.env })
    const lock = lockState(config.state.dir)
    const loop = new EventLoopMonitor()
    let db: Database | undefined
    try {
      db = openDatabase(config.state.dir)
      makeShrinkable(db, config.state.dir)
      const { logs, output, state, retention, models, detection, incidents, workers } = config
      const routed = sinks.map(({ name, takes, settings }) => ({ name, takes, settings }))
      const settings = {
        ...{ logs, output, state, retention, models, detection, incidents, workers },
        sinks: routed,
        reporter: REPORTER,
        single: config.schedule.mode === 'once',
        yields: options.serving,
      }
      let rulesAreValid = true
      const open = () =>
        EngineClient.open(settings, (event) => {
          if (event.type === 'rules_unusable') rulesAreValid = false
          if (event.type === 'batch_progress') return options.onProgress(event.progress)
          if (event.type === 'training') return options.onTraining(event.progress)
          if (event.type === 'phase_changed') telemetry.lateness(event.from, loop.take())
          telemetry.engine(event)
        })
      const engine = await openEngine(config, db, open, () => rulesAreValid)
      const dispatcher = new Dispatcher(db, sinks, {
        clock: systemClock,
        random: Math.random,
        incidents,
        telemetry: telemetry.delivery,
      })
      return new App({ config, options, lock, loop, db, engine, dispatcher })
    } catch (error) {
      db?.close()
      loop.close()
      lock.release()
      throw error
    }
  }

  async batch(trigger: string): Promise<BatchResult> {
    const { options, engine, dispatcher } = this.#parts
    options.telemetry.batchStarted(trigger)
    const result = await engine.run({ dryRun: options.dryRun })
    options.telemetry.batchDone(result)
    dispatcher.wake()
    return result
  }

  /** Waits for the training that a single batch started, and for deliveries that are due. */
  async settle(): Promise<{ undelivered: number }> {
    if (this.#parts.options.dryRun) return { undelivered: 0 }
    await this.#parts.engine.settle()
    const { pending } = await this.#parts.dispatcher.drain(DRAIN_MS, this.#parts.options.stop)
    return { undelivered: pending }
  }

  /** Batches by the clock and by the arrival of lines, and deliveries as they fall due, until `close`. */
  async schedule(): Promise<void> {
    const { config, options, db, dispatcher } = this.#parts
    const { startTriggers } = await import('./schedule/triggers.ts')
    if (options.stop.aborted) return
    options.telemetry.started(config.schedule.mode, config.logs.dir)
    dispatcher.start()
    this.#triggers = startTriggers(
      { ...config.schedule, dir: config.logs.dir, lastRunAt: listBatches(db, { limit: 1 }).items[0]?.startedAt },
      {
        run: async (trigger) => {
          await this.batch(trigger).catch((error) => options.telemetry.batchFailed(error))
        },
        onWatchError: (error) => options.telemetry.watchFailed(error),
      },
    )
  }

  /** Asks for a batch, once scheduled: now, or after the one under way. */
  request(): 'started' | 'queued' {
    const scheduler = this.#triggers?.scheduler
    const queued = scheduler?.running === true
    scheduler?.trigger('request')
    return queued ? 'queued' : 'started'
  }

  /** The batch under way ends early, whole and committed. Then the parts end in reverse order of their start. */
  async close(): Promise<void> {
    const { engine, dispatcher, db, loop, lock } = this.#parts
    engine.stop()
    await this.#triggers?.stop()
    await dispatcher.stop(STOP_MS)
    await engine.close()
    db.close()
    loop.close()
    lock.release()
  }
}

/** An engine with checked rules. If these rules were checked before, a single batch of nothing needs no thread. */
async function openEngine(
  config: Config,
  db: Database,
  open: () => Promise<EngineHandle>,
  rulesAreValid: () => boolean,
): Promise<EngineHandle> {
  const { schedule, detection, state } = config
  const idle = schedule.mode === 'once' ? openIdleEngine(config, db) : undefined
  if (!idle) return open()
  const mark = markOf(detection.rules)
  if (wereChecked(mark, state.dir)) return idle
  const engine = await open()
  if (mark !== undefined && rulesAreValid()) rememberChecked(mark, state.dir)
  return engine
}
