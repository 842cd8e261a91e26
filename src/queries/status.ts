import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { driftReport } from '../control/learning.ts'
import type { DriftReport } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import { decodeState } from '../learning/lifecycle.ts'
import { decodeOrders, ORDERS } from '../learning/orders.ts'
import { loadCheckpoint } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'
import { logsProcessed } from './batches.ts'

/** How far the learning is, as the process that learns last committed it. */
export interface LearningStatus {
  readonly phase: Phase
  /** Events seen since the beginning. */
  readonly seen: number
  /** Events collected for the training under way. */
  readonly collected: number
  readonly warmupTarget: number
  /** Version of the models that the batches judge by; 0 where there is none. */
  readonly version: number
  readonly logsProcessed: number
  /** Whether learning is held: what a person ordered goes before what was, and that before the configuration. */
  readonly frozen: boolean
  /** How far traffic has moved from what the models know; absent while there are none. */
  readonly drift?: DriftReport
}

export function learningStatus(db: Database, config: Pick<Config, 'detection'>): LearningStatus {
  const saved = loadCheckpoint(db, 'learning')
  const { phase, seen, collected, version, frozen: held } = decodeState(saved)
  const { frozen = saved ? held : config.detection.frozen } = decodeOrders(loadCheckpoint(db, ORDERS))
  const warmupTarget = config.detection.warmup_logs
  const drift = driftReport(db)
  return { phase, seen, collected, version, frozen, warmupTarget, logsProcessed: logsProcessed(db), drift }
}

/** The same for a report. */
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

export function modelsDir(config: Config): string {
  return config.models.dir || join(config.state.dir, 'models')
}
