import type { Config } from '../config/schema.ts'
import type { DriftReport } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import type { Database } from '../store/database.ts'
import { type BatchItem, listBatches } from './batches.ts'
import { type SeverityTotals, severityTotals } from './findings/findings.ts'
import { countFiles, type FileLag, fileLags, type SkippedFile, skippedFiles } from './lag.ts'
import { learningStatus, rulesProblem } from './learning.ts'
import { type RetentionStatus, retentionStatus } from './retention.ts'
import { sinkStatus } from './sinks.ts'

/** What `oddline status` prints. */
export interface StatusReport {
  readonly phase: Phase
  readonly logsSeen: number
  readonly warmupTarget: number
  readonly learning: {
    /** Model version that judges; 0 while there is none. */
    readonly model: number
    /** Newer model versions that cannot be used. */
    readonly unusable: readonly number[]
    /** Events collected for the next training; 0 while none is being prepared. */
    readonly collected: number
    readonly frozen: boolean
    readonly drift?: DriftReport
  }
  /** Why the rule files are not in use; the last valid rules are. */
  readonly rulesProblem?: string
  readonly findings: SeverityTotals
  readonly batches: readonly {
    id: string
    started: string
    status: string
    lines: number
    rejected: number
    findings: number
  }[]
  readonly files: {
    readonly known: number
    readonly gone: number
    readonly behind: readonly FileLag[]
    /** Files that are no logs, the first of them by path. */
    readonly skipped: { readonly total: number; readonly items: readonly SkippedFile[] }
  }
  /** Sinks for which something waits or was given up. */
  readonly queues: readonly { sink: string; pending: number; deadLetters: number; removed: boolean }[]
  readonly retention: RetentionStatus
}

const BATCHES_SHOWN = 5
const FILES_SHOWN = 10

export function statusReport(db: Database, config: Pick<Config, 'detection' | 'sinks'>, now: number): StatusReport {
  const isActive = (sink: string) => sink in config.sinks && config.sinks[sink].enabled !== false
  const { phase, seen, warmupTarget, version, unusable, collected, frozen, drift } = learningStatus(db, config)
  return {
    phase,
    logsSeen: seen,
    warmupTarget,
    learning: { model: version, unusable, collected, frozen, drift },
    rulesProblem: rulesProblem(db),
    findings: severityTotals(db, {}),
    batches: listBatches(db, { limit: BATCHES_SHOWN }).items.map(batchLine),
    files: {
      ...countFiles(db),
      behind: fileLags(db, now, FILES_SHOWN).filter(({ bytes }) => bytes > 0),
      skipped: skippedFiles(db, FILES_SHOWN),
    },
    queues: sinkStatus(db, config.sinks)
      .map(({ name: sink, pending, deadLetters }) => ({
        sink,
        pending,
        deadLetters,
        removed: !isActive(sink),
      }))
      .filter(({ pending, deadLetters }) => pending + deadLetters > 0),
    retention: retentionStatus(db),
  }
}

function batchLine({ id, startedAt, status, totals: { lines, rejected, findings } }: BatchItem) {
  return { id, started: new Date(startedAt).toISOString(), status, lines, rejected, findings: findings.total }
}
