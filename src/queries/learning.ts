import type { Config } from '../config/schema.ts'
import { DRIFT, type DriftReport, decodeDrift } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import { decodeState } from '../learning/lifecycle.ts'
import { decodeOrders, ORDERS } from '../learning/orders.ts'
import { loadCheckpoint } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'

/** How far the learning is, as of the last commit of the process that learns. */
export interface LearningStatus {
  readonly phase: Phase
  /** Events seen since the beginning. */
  readonly seen: number
  /** Events collected for the next training; 0 while none is being prepared. */
  readonly collected: number
  readonly warmupTarget: number
  /** Version of the models that judge; 0 while there are none. */
  readonly version: number
  /** Whether learning is held. An order decides first, then the last commit, then the configuration. */
  readonly frozen: boolean
  /** How far traffic has moved from what the models know; absent while there are no models. */
  readonly drift?: DriftReport
}

export function learningStatus(db: Database, { detection }: Pick<Config, 'detection'>): LearningStatus {
  const saved = loadCheckpoint(db, 'learning')
  const { phase, seen, collected, version, frozen: held } = decodeState(saved)
  const { frozen = saved ? held : detection.frozen } = decodeOrders(loadCheckpoint(db, ORDERS))
  const drift = decodeDrift(loadCheckpoint(db, DRIFT))
  return { phase, seen, collected, version, frozen, warmupTarget: detection.warmup_logs, drift }
}

/** Phase of the learning alone, which needs no configuration. */
export function learningPhase(db: Database): Phase {
  return decodeState(loadCheckpoint(db, 'learning')).phase
}

/** The learning as a report shows it. */
export function learningOfReport(db: Database, config: Pick<Config, 'detection'>) {
  const { phase, seen, warmupTarget, version, drift } = learningStatus(db, config)
  return {
    phase,
    warmupSeen: seen,
    warmupTarget,
    modelVersion: version ? String(version) : undefined,
    ...(drift && drift.events > 0 && { drift: drift.templates.unknown, driftDetail: drift.summary }),
  }
}
