import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Detection } from '../core/documents/detection.ts'
import type { Finding } from '../core/documents/finding.ts'
import type { Severity } from '../core/documents/severity.ts'

export type { Detection } from '../core/documents/detection.ts'
export type { Finding } from '../core/documents/finding.ts'
export type { Severity } from '../core/documents/severity.ts'

export interface ClientOptions {
  /** Where the API is; `http://127.0.0.1:8000` by default. */
  readonly url?: string
  readonly key?: string
  /** Longest wait for an answer, ms. */
  readonly timeoutMs?: number
  /** How often a request is tried again that the API refused for a moment (429, 503). */
  readonly retries?: number
  readonly fetch?: typeof fetch
}

export interface Health {
  readonly status: 'healthy' | 'degraded'
  readonly phase: string
  readonly logs_processed: number
  readonly transformer_ready: boolean
  readonly active_models: number
}

export interface SecurityEvent {
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

export interface AnalysisAnswer {
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

export interface BatchAnswer {
  readonly results: readonly Detection[]
  readonly summary: {
    readonly total: number
    readonly anomalies: number
    readonly normal: number
    readonly anomaly_rate: number
  }
}

export interface FindingFilter {
  /** ISO 8601, or an age such as `24h`. */
  readonly since?: string
  readonly until?: string
  readonly severity?: Severity
  readonly attack_type?: string
  readonly session?: string
  readonly user?: string
  readonly text?: string
}

export interface FindingItem {
  readonly batch: string
  readonly verdict: {
    readonly verdict: string
    readonly reason: string
    readonly author: string
    readonly at: string
  } | null
  readonly finding: Finding
}

/** What the API refused, with its stable code, such as `RATE_LIMITED`. */
export class OddlineApiError extends Error {
  readonly status: number
  readonly code: string
  /** Id of the request, which the log of the API names too. */
  readonly request: string | undefined

  constructor(status: number, code: string, message: string, request: string | undefined) {
    super(message)
    this.name = 'OddlineApiError'
    this.status = status
    this.code = code
    this.request = request
  }
}

const LINES_A_BATCH = 100

/** A small client of the REST API. It depends on nothing but Node. */
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

  /** Asks the API to take up its newest models, and says which detectors are ready. */
  loadModels(): Promise<Health> {
    return this.#request('GET', '/health')
  }

  detect(line: string, session?: string): Promise<Detection> {
    return this.#request('POST', '/detect', { log_line: line, session_id: session })
  }

  /** Lines in their order, however many; they are sent a hundred at a time. */
  async *detectAll(lines: AsyncIterable<string> | Iterable<string>, session?: string): AsyncGenerator<Detection> {
    let pending: string[] = []
    for await (const line of lines) {
      if (line.trim() === '') continue
      pending.push(line)
      if (pending.length < LINES_A_BATCH) continue
      yield* (await this.detectBatch(pending, session)).results
      pending = []
    }
    if (pending.length > 0) yield* (await this.detectBatch(pending, session)).results
  }

  /** At most 100 lines. */
  detectBatch(lines: readonly string[], session?: string): Promise<BatchAnswer> {
    return this.#request('POST', '/detect/batch', { log_lines: lines, session_id: session })
  }

  analyzeLogs(logs: readonly SecurityEvent[]): Promise<AnalysisAnswer> {
    return this.#request('POST', '/analyze', { logs })
  }

  /** Sends a file of this host: JSON, JSON lines, CSV, access or auth log, also gzipped. */
  async analyzeFile(path: string): Promise<AnalysisAnswer> {
    const parts: Buffer[] = []
    for await (const part of createReadStream(path)) parts.push(part as Buffer)
    const form = new FormData()
    form.append('file', new Blob(parts.map((part) => new Uint8Array(part))), basename(path))
    return this.#request('POST', '/analyze/file', form)
  }

  /** Every finding that fits, newest first; pages are asked for as they are needed. */
  async *findings(filter: FindingFilter = {}): AsyncGenerator<FindingItem> {
    let cursor: string | null = null
    do {
      const query = new URLSearchParams(
        Object.entries({ ...filter, limit: '200', cursor: cursor ?? undefined }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      )
      const page: { items: FindingItem[]; next: string | null } = await this.#request('GET', `/findings?${query}`)
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
