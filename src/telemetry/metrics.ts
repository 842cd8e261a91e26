import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Values for one scrape. Counters count from the creation of the state directory. */
export interface Figures {
  readonly phase: string
  readonly rulesAreValid: boolean
  /** Share of events with an unknown template, and number of drifted features. Absent without models. */
  readonly drift?: { readonly unknown: number; readonly moved: number }
  readonly lines: { readonly parsed: number; readonly rejected: number; readonly skipped: number }
  readonly bytes: number
  readonly findings: readonly { readonly severity: string; readonly detector: string; readonly count: number }[]
  readonly openIncidents: Readonly<Record<string, number>>
  readonly verdicts: Readonly<Record<string, number>>
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly seconds: number }[]
  readonly sinks: readonly {
    readonly name: string
    readonly pending: number
    readonly oldestSeconds: number
    readonly failures: number
    readonly delivered: number
  }[]
  readonly deadLetters: readonly { readonly sink: string; readonly reason: string; readonly count: number }[]
  readonly batches: Readonly<Record<string, number>>
  readonly lastBatch?: { readonly seconds: number; readonly finishedAt: number; readonly lines: number }
  readonly judged: number
}

/** Gauges that prom-client names like counters, which promtool rejects. It also exports each under a valid name. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

const PHASES = ['warmup', 'training', 'waiting', 'ensemble']

/** The metrics for Prometheus. Names follow its conventions: base units, `_total` for counters. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests = new Histogram({
    name: 'oddline_http_request_duration_seconds',
    help: 'Duration of API requests, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.#registry],
  })
  readonly #phase = this.#gauge(
    'oddline_learning_phase',
    'Learning phase: 1 for the current phase, 0 for the others.',
    ['phase'],
  )
  readonly #rulesValid = this.#gauge(
    'oddline_rules_valid',
    '1 if the rule files are in use, 0 if they are invalid and the last valid ones are.',
  )
  readonly #unknownTemplates = this.#gauge(
    'oddline_drift_unknown_template_ratio',
    'Share of recent events with a template that the models do not know.',
  )
  readonly #movedFeatures = this.#gauge(
    'oddline_drift_moved_features',
    'Features whose distribution has drifted from the training data.',
  )
  readonly #lines = this.#counter('oddline_lines_total', 'Lines read, by result: parsed, rejected or skipped.', [
    'result',
  ])
  readonly #bytes = this.#counter('oddline_read_bytes_total', 'Bytes of logs read.')
  readonly #findings = this.#counter(
    'oddline_findings_total',
    'Findings, by severity and by each detector that scored the event.',
    ['severity', 'detector'],
  )
  readonly #incidents = this.#gauge('oddline_open_incidents', 'Open incidents, by severity.', ['severity'])
  readonly #verdicts = this.#gauge('oddline_verdicts', 'Verdicts of people on findings.', ['verdict'])
  readonly #falseShare = this.#gauge(
    'oddline_false_positive_ratio',
    'Share of the findings with a verdict that are false positives.',
  )
  readonly #lag = this.#gauge('oddline_file_lag_bytes', 'Unread bytes of a file.', ['path'])
  readonly #lagSeconds = this.#gauge(
    'oddline_file_lag_seconds',
    'Age of the last line read from a file with unread bytes: at most this much of the log is missing.',
    ['path'],
  )
  readonly #pending = this.#gauge('oddline_outbox_pending', 'Findings and notices waiting for a sink.', ['sink'])
  readonly #age = this.#gauge(
    'oddline_outbox_oldest_age_seconds',
    'Age of the oldest finding or notice waiting for a sink.',
    ['sink'],
  )
  readonly #failures = this.#gauge('oddline_sink_consecutive_failures', 'Failed deliveries in a row.', ['sink'])
  readonly #delivered = this.#counter('oddline_delivered_total', 'Findings and notices delivered to a sink.', ['sink'])
  readonly #dead = this.#gauge(
    'oddline_dead_letters',
    'Dead letters: findings and notices that could not be delivered and are not yet replayed or discarded.',
    ['sink', 'reason'],
  )
  readonly #batches = this.#counter('oddline_batches_total', 'Batches, by status.', ['status'])
  readonly #duration = this.#gauge('oddline_last_batch_duration_seconds', 'Duration of the last batch.')
  readonly #finished = this.#gauge('oddline_last_batch_timestamp_seconds', 'End of the last batch, as a Unix time.')
  readonly #batchLines = this.#gauge('oddline_last_batch_lines', 'Lines that the last batch read.')
  readonly #judged = this.#counter('oddline_detect_lines_total', 'Lines scored by /detect since this process started.')

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name)
  }

  readonly contentType = this.#registry.contentType

  /** Records an API request that took `ms`. `route` is its pattern, never its path. */
  answered(route: string, method: string, status: number, ms: number): void {
    this.#requests.observe({ route, method, status: String(status) }, ms / 1000)
  }

  /** The text of a scrape. */
  async scrape(figures: Figures): Promise<string> {
    this.#show(figures)
    return this.#registry.metrics()
  }

  #show(figures: Figures): void {
    for (const phase of PHASES) this.#phase.set({ phase }, phase === figures.phase ? 1 : 0)
    this.#rulesValid.set(figures.rulesAreValid ? 1 : 0)
    this.#unknownTemplates.set(figures.drift?.unknown ?? 0)
    this.#movedFeatures.set(figures.drift?.moved ?? 0)
    this.#lines.reset()
    for (const [result, n] of Object.entries(figures.lines)) this.#lines.inc({ result }, n)
    this.#bytes.reset()
    this.#bytes.inc(figures.bytes)
    this.#findings.reset()
    for (const { count, ...labels } of figures.findings) this.#findings.inc(labels, count)
    for (const [severity, n] of Object.entries(figures.openIncidents)) this.#incidents.set({ severity }, n)
    for (const [verdict, n] of Object.entries(figures.verdicts)) this.#verdicts.set({ verdict }, n)
    const judged = Object.values(figures.verdicts).reduce((sum, n) => sum + n, 0)
    this.#falseShare.set(judged === 0 ? 0 : (figures.verdicts.false_positive ?? 0) / judged)
    this.#lag.reset()
    this.#lagSeconds.reset()
    for (const { path, bytes, seconds } of figures.files) {
      this.#lag.set({ path }, bytes)
      this.#lagSeconds.set({ path }, seconds)
    }
    this.#showSinks(figures)
    this.#batches.reset()
    for (const [status, n] of Object.entries(figures.batches)) this.#batches.inc({ status }, n)
    if (figures.lastBatch) {
      this.#duration.set(figures.lastBatch.seconds)
      this.#finished.set(figures.lastBatch.finishedAt / 1000)
      this.#batchLines.set(figures.lastBatch.lines)
    }
    this.#judged.reset()
    this.#judged.inc(figures.judged)
  }

  #showSinks({ sinks, deadLetters }: Figures): void {
    for (const metric of [this.#pending, this.#age, this.#failures, this.#delivered, this.#dead]) metric.reset()
    for (const { name: sink, pending, oldestSeconds, failures, delivered } of sinks) {
      this.#pending.set({ sink }, pending)
      this.#age.set({ sink }, oldestSeconds)
      this.#failures.set({ sink }, failures)
      this.#delivered.inc({ sink }, delivered)
    }
    for (const { count, ...labels } of deadLetters) this.#dead.set(labels, count)
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge<string> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] })
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter<string> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }
}
