import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Detection } from '../core/documents/detection.ts'
import type { Finding } from '../core/documents/finding.ts'
import type { Severity } from '../core/documents/severity.ts'

export type { Detection } from '../core/documents/detection.ts'
export type { Finding } from '../core/documents/finding.ts'
export type { Severity } from '../core/documents/severity.ts'

export interface ClientOptions {
  /** URL of the API. Default: `http://127.0.0.1:8000`. */
  readonly url?: string
  /** API key; `oddline api-key` creates one. */
  readonly key?: string
  /** Longest wait for a response, ms. Default: 30,000. */
  readonly timeoutMs?: number
  /** How often a request is retried after a 429 or 503. Default: 3. */
  readonly retries?: number
  /** Replaces the built-in `fetch`, for example to use a proxy. */
  readonly fetch?: typeof fetch
}

export interface Health {
  readonly status: 'healthy' | 'degraded'
  readonly phase: string
  readonly logs_processed: number
  readonly transformer_ready: boolean
  readonly active_models: number
}

/** An event for `analyzeLogs`. */
export interface LogEntry {
  readonly timestamp: string
  readonly user?: string
  readonly source_ip?: string
  readonly event_type?: string
  readonly action?: string
  readonly message?: string
}

export interface Anomaly {
  readonly severity: Severity
  readonly score: number
  readonly attack_types: readonly string[]
  readonly timestamp: string
  readonly user: string | null
  readonly source_ip: string | null
  readonly message: string
  readonly line: number
  readonly raw_line: string
  readonly finding: Finding
}

/** Result of `analyzeLogs` and `analyzeFile`. */
export interface AnalysisResult {
  readonly anomalies_detected: number
  readonly total_logs: number
  readonly parsed: number
  readonly rejected: number
  readonly format: string
  readonly phase: string
  readonly severity_counts: Readonly<Record<Severity, number>>
  readonly anomalies: readonly Anomaly[]
  readonly truncated: boolean
}

/** Result of `detectBatch`. */
export interface DetectionBatch {
  readonly results: readonly Detection[]
  readonly summary: {
    readonly total: number
    readonly anomalies: number
    readonly normal: number
    readonly anomaly_rate: number
  }
}

/** Selects findings. A finding must match every given key. */
export interface FindingsQuery {
  /** ISO 8601, or an age such as `24h`. The same for `until`. */
  readonly since?: string
  readonly until?: string
  readonly severity?: Severity
  readonly attack_type?: string
  readonly session?: string
  readonly user?: string
  readonly text?: string
}

/** A finding with its batch and the verdict of a person, if there is one. */
export interface ReviewedFinding {
  readonly batch: string
  readonly verdict: {
    readonly verdict: string
    readonly reason: string
    readonly author: string
    readonly at: string
  } | null
  readonly finding: Finding
}

/** Error response of the API, with its stable code such as `RATE_LIMITED`. */
export class OddlineApiError extends Error {
  readonly status: number
  readonly code: string
  /** Id of the request, which also appears in the log of the API. */
  readonly request: string | undefined

  constructor(status: number, code: string, message: string, request: string | undefined) {
    super(message)
    this.name = 'OddlineApiError'
    this.status = status
    this.code = code
    this.request = request
  }
}

/** Most lines in one request. */
const BATCH_LINES = 100

/** Client of the REST API, without dependencies. */
export class OddlineClient {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #timeoutMs: number
  readonly #retries: number
  readonly #fetch: typeof fetch

  constructor(options: ClientOptions = {}) {
    this.#url = (options.url ?? 'http://127.0.0.1:8000').replace(/\/+$/, '')
    this.#headers = options.key ? { authorization: `Bearer ${options.key}` } : {}
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#retries = options.retries ?? 3
    this.#fetch = options.fetch ?? fetch
  }

  /** Reports which detectors are ready, after the API has loaded its newest models. */
  loadModels(): Promise<Health> {
    return this.#request('GET', '/health')
  }

  /** Scores one log line. Lines with the same `session` belong to one visitor. */
  detect(line: string, session?: string): Promise<Detection> {
    return this.#request('POST', '/detect', { log_line: line, session_id: session })
  }

  /** Scores any number of lines in order, 100 per request. Skips empty lines. */
  async *detectAll(lines: AsyncIterable<string> | Iterable<string>, session?: string): AsyncGenerator<Detection> {
    let pending: string[] = []
    for await (const line of lines) {
      if (line.trim() === '') continue
      pending.push(line)
      if (pending.length < BATCH_LINES) continue
      yield* (await this.detectBatch(pending, session)).results
      pending = []
    }
    if (pending.length > 0) yield* (await this.detectBatch(pending, session)).results
  }

  /** Scores at most 100 lines in one request. */
  detectBatch(lines: readonly string[], session?: string): Promise<DetectionBatch> {
    return this.#request('POST', '/detect/batch', { log_lines: lines, session_id: session })
  }

  analyzeLogs(logs: readonly LogEntry[]): Promise<AnalysisResult> {
    return this.#request('POST', '/analyze', { logs })
  }

  /** Uploads a local file: JSON, JSON lines, CSV, access or auth log; optionally gzipped. */
  async analyzeFile(path: string): Promise<AnalysisResult> {
    const parts: Buffer[] = []
    for await (const part of createReadStream(path)) parts.push(part as Buffer)
    const form = new FormData()
    form.append('file', new Blob(parts.map((part) => new Uint8Array(part))), basename(path))
    return this.#request('POST', '/analyze/file', form)
  }

  /** All matching findings, newest first. Requests further pages on demand. */
  async *findings(filter: FindingsQuery = {}): AsyncGenerator<ReviewedFinding> {
    let cursor: string | null = null
    do {
      const query = new URLSearchParams(
        Object.entries({ ...filter, limit: '200', cursor: cursor ?? undefined }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      )
      const page: { items: ReviewedFinding[]; next: string | null } = await this.#request('GET', `/findings?${query}`)
      yield* page.items
      cursor = page.next
    } while (cursor)
  }

  async #request<T>(method: string, path: string, body?: object): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.#fetch(this.#url + path, {
        method,
        headers:
          body === undefined || body instanceof FormData
            ? this.#headers
            : { ...this.#headers, 'content-type': 'application/json' },
        body: body === undefined ? undefined : body instanceof FormData ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      if (response.ok) return (await response.json()) as T
      const busy = response.status === 429 || response.status === 503
      if (busy && attempt < this.#retries) {
        await response.body?.cancel()
        const seconds = Number(response.headers.get('retry-after')) || 2 ** attempt
        await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 60) * 1000))
        continue
      }
      const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; instance?: string }
      throw new OddlineApiError(
        response.status,
        problem.code ?? 'UNKNOWN',
        problem.detail ?? `The API answered ${response.status}.`,
        problem.instance,
      )
    }
  }
}
