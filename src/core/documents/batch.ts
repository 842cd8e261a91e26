import type { Phase } from './finding.ts'
import type { Traffic } from './traffic.ts'

type Counts = Record<string, number>

/** Every record is exactly one of parsed, rejected and skipped. */
export interface FileCounts {
  lines: number
  parsed: number
  rejected: number
  skipped: number
  truncated: number
}

export interface FileTally extends FileCounts {
  path: string
  format: string
  findings: number
  /** Rejected records by reason, listed or not; absent if there are none. */
  reject_reasons?: Counts
}

/** Totals of a batch so far. Every record is exactly one of parsed, rejected and skipped. */
export interface Totals {
  lines: number
  bytes: number
  parsed: number
  rejected: number
  skipped: number
  truncated: number
  findings: { total: number; by_severity: Counts; by_detector: Counts; by_attack_type: Counts }
  /** Findings that adjustments suppressed or weakened; absent if there are none. */
  adjusted?: { suppressed: number; weakened: number }
  files: FileTally[]
  problems: ReadProblem[]
  /** Rejected records that the rejects file leaves out, because it lists enough of their file and reason. */
  rejects_unlisted?: number
  /** Events over log time; absent in batches of older versions. */
  traffic?: Traffic
  /** Bytes of the rejects file that belong to committed lines. */
  rejects_bytes: number
}

export function emptyTotals(): Totals {
  return {
    lines: 0,
    bytes: 0,
    parsed: 0,
    rejected: 0,
    skipped: 0,
    truncated: 0,
    findings: { total: 0, by_severity: {}, by_detector: {}, by_attack_type: {} },
    files: [],
    problems: [],
    rejects_bytes: 0,
  }
}

/** A problem with a file or a part of it. The other files are still read. */
export interface ReadProblem {
  readonly path: string
  readonly kind: ReadProblemKind
  readonly detail: string
}

export type ReadProblemKind =
  | 'unreadable'
  | 'binary'
  | 'unsupported_compression'
  | 'encrypted'
  | 'corrupt_gzip'
  | 'truncated_gzip'
  | 'gzip_bomb'
  | 'too_large'

/** Kinds of files that are no logs. They are skipped and said once; that is no failure. */
export const SKIPPED_KINDS = ['binary', 'unsupported_compression'] as const satisfies readonly ReadProblemKind[]

/** Whether a file was skipped because it is no log. */
export function isSkipped({ kind }: Pick<ReadProblem, 'kind'>): boolean {
  return SKIPPED_KINDS.some((skipped) => skipped === kind)
}

export interface BatchResult {
  readonly id: string
  /** Folder of the results; absent if there was nothing to report, or in a dry run. */
  readonly folder?: string
  readonly resumed: boolean
  /** True if it was stopped early; the next batch continues. */
  readonly stopped: boolean
  readonly files: number
  readonly phase: Phase
  readonly startedAt: number
  readonly finishedAt: number
  readonly totals: Totals
}

export interface BatchProgress {
  readonly files: number
  readonly bytesToRead: number
  readonly totals: Totals
}
