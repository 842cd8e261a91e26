import type { Logger } from 'pino'
import type { BatchResult, ReadProblem } from '../core/documents/batch.ts'
import type { EngineEvent } from '../core/documents/engine-event.ts'
import type { Phase } from '../core/documents/finding.ts'
import type { TrainingProgress } from '../core/documents/training.ts'
import type { DeliveryTelemetry } from '../delivery/sending/telemetry.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { Lateness } from './event-loop.ts'

type EngineNews = Exclude<EngineEvent, { readonly type: 'batch_progress' | 'training' }>

/** How each event of the engine is logged. */
const ENGINE_NEWS: { readonly [T in EngineNews['type']]: { readonly level: 'info' | 'error'; readonly text: string } } =
  {
    phase_changed: { level: 'info', text: 'The learning phase changed' },
    retraining_due: { level: 'info', text: 'The models are trained again from the next events' },
    training_failed: {
      level: 'error',
      text: 'The transformer could not be trained; the other detectors continue without it',
    },
    model_unusable: {
      level: 'error',
      text: 'A learnt model cannot be used; the last good one is used instead, if there is one',
    },
    rules_changed: { level: 'info', text: 'The changed rules are in force' },
    rules_unusable: { level: 'error', text: 'The changed rules cannot be used; the previous rules stay in force' },
    queue_full: { level: 'error', text: 'The queue of a sink is full; its oldest findings went to the dead letters' },
  }

/** One typed method per thing that can happen; the log line and the metric leave together. */
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
    this.#log.debug({ trigger }, 'A batch starts')
  }

  batchProgress(lines: number, bytes: number, bytesToRead: number): void {
    this.#log.info({ lines, bytes, bytes_to_read: bytesToRead }, 'The batch is under way')
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
    this.#log.info({ ...facts, ms: result.finishedAt - result.startedAt, output: result.folder }, 'A batch is done')
  }

  problem(problem: ReadProblem): void {
    this.#log.warn({ ...problem }, 'A file was not read as it should be; the others were')
  }

  batchFailed(error: unknown): void {
    this.#log.error({ err: error }, 'A batch failed; its lines are read again by the next one')
  }

  /** What the engine reports, progress excepted. */
  engine({ type, ...facts }: EngineNews): void {
    const { level, text } = ENGINE_NEWS[type]
    this.#log[level](facts, text)
  }

  /** How late the thread that serves and delivers was while a phase lasted. */
  lateness(phase: Phase, { p50, p99, max }: Lateness): void {
    this.#log.debug({ phase, p50_ms: p50, p99_ms: p99, max_ms: max }, 'How late the event loop of the main thread was')
  }

  training({ step, steps, heldOutLoss, elapsedMs }: TrainingProgress): void {
    this.#log.info({ step, steps, held_out_loss: heldOutLoss, elapsed_ms: elapsedMs }, 'The transformer is learning')
  }

  watchFailed(error: unknown): void {
    this.#log.warn({ err: error }, 'Watching the log directory failed; files are still taken by the clock')
  }

  apiListening(url: string): void {
    this.#log.info({ url, dashboard: `${url}/ui/`, documentation: `${url}/docs` }, 'The API is listening')
  }

  requestFailed(request: string, error: unknown): void {
    this.#log.error({ request, err: error }, 'A request to the API failed through a fault of ours')
  }

  stopping(signal: string): void {
    this.#log.info({ signal }, 'Stopping: what is under way is finished and committed')
  }
}
