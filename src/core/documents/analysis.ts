import type { ReadProblem } from './batch.ts'
import type { Finding, Phase } from './finding.ts'
import type { Severity } from './severity.ts'

/** Lines to be judged one by one, each in the order of its session. */
export interface DetectRequest {
  readonly lines: readonly string[]
  /** Name of the session that they belong to; the client address of each where absent. */
  readonly session?: string
}

/** The answer to such lines, written where they were judged, so that it is written and encoded only once. */
export interface DetectAnswer {
  /** A `Detection` for each line, as JSON in UTF-8 with commas between them. */
  readonly json: Uint8Array<ArrayBuffer>
  /** How many of the lines are odd. */
  readonly anomalies: number
}

/** What an analysis of a file found; nothing of it is recorded. */
export interface Analysis {
  readonly lines: number
  readonly parsed: number
  readonly rejected: number
  readonly skipped: number
  readonly format: string
  readonly phase: Phase
  readonly found: number
  readonly bySeverity: Readonly<Record<Severity, number>>
  /** The strongest, in the order of reading; no more than were asked for. */
  readonly findings: readonly Finding[]
  readonly problems: readonly ReadProblem[]
  /** Some of what could not be read. */
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
  /** A Sigma rule to be tried alone, as YAML, instead of the rules and models in force. */
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

/** What the analysis side has loaded. */
export interface AnalyzerState {
  readonly phase: Phase
  readonly active: { readonly rules: boolean; readonly isolation_forest: boolean; readonly transformer: boolean }
  readonly model: {
    readonly version: number | null
    /** Events that the forest was trained on. */
    readonly trainedOn: number
    /** Templates that the transformer knows, and sessions that it was trained on. */
    readonly vocabularySize: number
    readonly trainingSequences: number
  }
  readonly rules: readonly RuleInfo[]
}

/** Judges logs that are handed to it, beside the batches and without touching what they record. */
export interface Analyzer {
  /** Requests that come at the same time are judged together. */
  detect(request: DetectRequest): Promise<DetectAnswer>
  /** @throws OddlineError RULE_INVALID for a rule to be tried that is none, STATE_BUSY when too many wait */
  analyze(request: AnalysisRequest): Promise<Analysis>
  /** Looks for new models and rules, and tells what is in force. */
  refresh(): Promise<AnalyzerState>
  /** Lines judged by `detect` since it started. */
  readonly judged: number
  close(): Promise<void>
}
