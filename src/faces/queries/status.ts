import { join } from 'node:path'
import type { Config } from '../../config/schema.ts'
import type { Phase } from '../../core/finding.ts'
import { loadCheckpoint } from '../../store/checkpoints.ts'
import type { Database } from '../../store/database.ts'
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
}

export function learningStatus(db: Database, config: Pick<Config, 'detection'>): LearningStatus {
  const saved = loadCheckpoint(db, 'learning')
  const state = saved ? (JSON.parse(Buffer.from(saved).toString('utf8')) as Partial<LearningStatus>) : {}
  return {
    phase: state.phase ?? 'warmup',
    seen: state.seen ?? 0,
    collected: state.collected ?? 0,
    version: state.version ?? 0,
    warmupTarget: config.detection.warmup_logs,
    logsProcessed: logsProcessed(db),
  }
}

export function modelsDir(config: Config): string {
  return config.models.dir || join(config.state.dir, 'models')
}
