import type { Logger } from 'pino'
import { type BatchResult, isSkipped, type ReadProblem } from '../core/documents/batch.ts'
import type { EngineEvent } from '../core/documents/engine-event.ts'
import type { Phase } from '../core/documents/finding.ts'
import type { TrainingProgress } from '../core/documents/training.ts'
import type { DeliveryTelemetry } from '../delivery/sending/telemetry.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { EventLoopDelay } from './event-loop.ts'

/** The events of the engine except progress, which has methods of its own. */
type EngineNews = Exclude<EngineEvent, { readonly type: 'batch_progress' | 'training' }>

/** Level and message of each event. */
const ENGINE_NEWS: { readonly [T in EngineNews['type']]: { readonly level: 'info' | 'error'; readonly text: string } } =
  {
    phase_changed: { level: 'info', text: 'The learning phase changed' },
    retraining_due: { level: 'info', text: 'Retraining starts: the models learn from the next events' },
    training_failed: {
      level: 'error',
      text: 'A training failed; the models in use judge on, or rules alone if there are none',
    },
    model_unusable: {
      level: 'error',
      text:
        'A model cannot be used; the newest older version judges instead. If there is none, rules alone judge and the ' +
        'warmup begins anew. To return to a version that works, run `oddline models rollback`',
    },
    state_lost: {
      level: 'error',
      text: 'A part of the saved state cannot be read and starts empty; detection goes on, nothing needs to be done',
    },
    batch_resumed: {
      level: 'error',
      text: 'The batch ended early; it resumes from its last commit with fewer lines in memory at a time',
    },
    removed: { level: 'info', text: 'Old results were removed, as set under retention' },
    overfull: {
      level: 'error',
      text: 'The database is larger than retention.max_database: the rest waits for sinks or is under review. See `oddline sinks list`, or raise the limit',
    },
    retention_failed: { level: 'error', text: 'Old results could not be removed; the next batch tries again' },
    rules_changed: { level: 'info', text: 'The changed rules are loaded and in use' },
    rules_unusable: {
      level: 'error',
      text: 'The rules are invalid; the last valid ones are in use. Correct what is listed',
    },
    queue_full: { level: 'error', text: 'The queue of a sink is full; its oldest findings became dead letters' },
  }

/** Logs the events of the program: one typed method for each. */
export class Telemetry {
  readonly #log: Logger
  readonly delivery: DeliveryTelemetry

  constructor(log: Logger) {
    this.#log = log
    this.delivery = new DeliveryLog(log)
  }

  started(mode: string, logDir: string): void {
    this.#log.info({ mode, log_dir: logDir }, 'Oddline is running')
  }

  batchStarted(trigger: string): void {
    this.#log.debug({ trigger }, 'Batch started')
  }

  batchProgress(lines: number, bytes: number, bytesToRead: number): void {
    this.#log.info({ lines, bytes, bytes_to_read: bytesToRead }, 'Batch in progress')
  }

  batchDone(result: BatchResult): void {
    const { totals } = result
    for (const problem of totals.problems) this.problem(problem)
    if (totals.lines === 0 && totals.problems.length === 0) {
      this.#log.info({ files: result.files }, result.files === 0 ? 'No log files found' : 'Nothing new to read')
      return
    }
    const { lines, parsed, rejected, findings } = totals
    const facts = { batch: result.id, lines, parsed, rejected, findings: findings.total, ...findings.by_severity }
    this.#log.info({ ...facts, ms: result.finishedAt - result.startedAt, output: result.folder }, 'Batch done')
  }

  problem(problem: ReadProblem): void {
    if (isSkipped(problem)) this.#log.info({ ...problem }, 'A file is no log and is skipped from now on')
    else this.#log.warn({ ...problem }, 'A file could not be read completely; the other files were read')
  }

  batchFailed(error: unknown): void {
    this.#log.error({ err: error }, 'A batch failed; the next batch reads its lines again')
  }

  /** Logs an event of the engine. */
  engine({ type, ...facts }: EngineNews): void {
    const { level, text } = ENGINE_NEWS[type]
    this.#log[level](facts, text)
  }

  /** Event-loop delay of the main thread, which serves and delivers, during a learning phase. */
  lateness(phase: Phase, { p50, p99, max }: EventLoopDelay): void {
    this.#log.debug({ phase, p50_ms: p50, p99_ms: p99, max_ms: max }, 'Event-loop delay of the main thread')
  }

  training({ step, steps, heldOutLoss, elapsedMs }: TrainingProgress): void {
    this.#log.info({ step, steps, held_out_loss: heldOutLoss, elapsed_ms: elapsedMs }, 'The transformer is training')
  }

  watchFailed(error: unknown): void {
    this.#log.warn({ err: error }, 'Watching the log directory failed; batches still run at the interval')
  }

  apiListening(url: string): void {
    this.#log.info({ url, dashboard: `${url}/ui/`, documentation: `${url}/docs` }, 'The API is listening')
  }

  requestFailed(request: string, error: unknown): void {
    this.#log.error({ request, err: error }, 'A request to the API failed because of an internal error')
  }

  stopping(signal: string): void {
    this.#log.info({ signal }, 'Stopping: what is under way ends early, and nothing is left half done')
  }
}
