import type { Logger } from 'pino'
import type { BatchResult, ReadProblem } from '../core/documents/batch.ts'
import type { Phase } from '../core/documents/finding.ts'
import type { TrainingProgress } from '../core/documents/training.ts'
import type { DeliveryTelemetry } from '../delivery/sending/telemetry.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { Lateness } from './event-loop.ts'

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

  phaseChanged(from: Phase, to: Phase): void {
    this.#log.info({ from, to }, 'The learning phase changed')
  }

  retrainingDue(reason: string): void {
    this.#log.info({ reason }, 'The models are learnt anew from the events that come')
  }

  /** How late the thread that serves and delivers was while a phase lasted. */
  lateness(phase: Phase, { p50, p99, max }: Lateness): void {
    this.#log.debug({ phase, p50_ms: p50, p99_ms: p99, max_ms: max }, 'How late the event loop of the main thread was')
  }

  training({ step, steps, heldOutLoss, elapsedMs }: TrainingProgress): void {
    this.#log.info({ step, steps, held_out_loss: heldOutLoss, elapsed_ms: elapsedMs }, 'The transformer is learning')
  }

  trainingFailed(reason: string): void {
    this.#log.error({ reason }, 'The transformer could not be trained; the other detectors go on without it')
  }

  modelUnusable(reason: string): void {
    this.#log.error({ reason }, 'A learnt model cannot be used; the last good one is used instead, if there is one')
  }

  rulesChanged(rules: number): void {
    this.#log.info({ rules }, 'The rules were read again and are in force')
  }

  rulesUnusable(reason: string): void {
    this.#log.error({ reason }, 'The rules changed and cannot be used; those before stay in force')
  }

  queueFull(sink: string, findings: number): void {
    this.#log.error({ sink, findings }, 'The queue of a sink is full; its oldest findings went to the dead letters')
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
