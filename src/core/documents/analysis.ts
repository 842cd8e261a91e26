import type { ReadProblem } from './batch.ts'
import type { Finding, Phase } from './finding.ts'
import type { Severity } from './severity.ts'

/** Lines to score one by one, in order. */
export interface DetectRequest {
  readonly lines: readonly string[]
  /** Name of their session; if absent, each line belongs to the session of its client address. */
  readonly session?: string
}

/** The answer to a `DetectRequest`, encoded once in the thread that scores the lines. */
export interface DetectAnswer {
  /** A `Detection` per line, as JSON in UTF-8, separated by commas. */
  readonly json: Uint8Array<ArrayBuffer>
  /** Number of anomalous lines. */
  readonly anomalies: number
}

/** Result of analysing a file. Nothing is stored. */
export interface Analysis {
  readonly lines: number
  readonly parsed: number
  readonly rejected: number
  readonly skipped: number
  readonly format: string
  readonly phase: Phase
  readonly found: number
  readonly bySeverity: Readonly<Record<Severity, number>>
  /** The highest-scoring findings, at most `maxFindings`, in the order of the file. */
  readonly findings: readonly Finding[]
  readonly problems: readonly ReadProblem[]
  /** A sample of the lines that could not be parsed. */
  readonly rejects: readonly { readonly line: number; readonly reason: string; readonly text: string }[]
}

/** A file, which the caller must have checked access to, or text. `name` stands in findings in place of the path. */
export type AnalysedLogs =
  | { readonly path: string; readonly name?: string }
  | { readonly text: string; readonly name: string }

export interface AnalysisRequest {
  readonly logs: AnalysedLogs
  readonly maxBytes: number
  readonly maxFindings: number
  /** A Sigma rule in YAML to try alone, instead of the active rules and models. */
  readonly rule?: string
}

export interface RuleInfo {
  readonly id: string
  readonly title: string
  readonly level: string
  readonly kind: 'rule' | 'correlation'
  readonly tags: readonly string[]
  readonly falsepositives: readonly string[]
  readonly file: string
}

/** The rules and models that the analyzer has loaded. */
export interface AnalyzerState {
  readonly phase: Phase
  readonly active: { readonly rules: boolean; readonly isolation_forest: boolean; readonly transformer: boolean }
  readonly model: {
    readonly version: number | null
    /** Events that the forest was trained on. */
    readonly trainedOn: number
    /** Templates in the transformer's vocabulary, and sessions it was trained on. */
    readonly vocabularySize: number
    readonly trainingSequences: number
  }
  readonly rules: readonly RuleInfo[]
}

/** Scores logs on request, separately from batches and without changing their state. */
export interface Analyzer {
  /** Scores lines. Concurrent requests are combined. */
  detect(request: DetectRequest): Promise<DetectAnswer>
  /**
   * Ends, with the reason of the signal, when the signal aborts.
   * @throws OddlineError RULE_INVALID if the given rule is invalid, STATE_BUSY if too many requests wait
   */
  analyze(request: AnalysisRequest, signal?: AbortSignal): Promise<Analysis>
  /** Loads new models and rules if there are any, and returns what is loaded. */
  refresh(): Promise<AnalyzerState>
  /** Lines scored by `detect` since the start. */
  readonly judged: number
  close(): Promise<void>
}
