import type { Config } from '../config/schema.ts'
import { DRIFT, type DriftReport, decodeDrift } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import { decodeOr } from '../core/saved-json.ts'
import { decodeState, INITIAL_STATE, type LearningState, ordersBehind } from '../learning/lifecycle.ts'
import { decodeOrders, ORDERS } from '../learning/orders.ts'
import { loadCheckpoint, RULES_PROBLEM } from '../store/checkpoints.ts'
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
  /** Newer versions that cannot be used. */
  readonly unusable: readonly number[]
  /** Whether learning is held. An order decides first, then the last commit, then the configuration. */
  readonly frozen: boolean
  /** How far traffic has moved from what the models know; absent while there are no models. */
  readonly drift?: DriftReport
}

export function learningStatus(db: Database, { detection }: Pick<Config, 'detection'>): LearningStatus {
  const state = stateIn(db)
  const { phase, seen, collected, version, unusable, frozen: held } = state ?? INITIAL_STATE
  const orders = decodeOr(ordersBehind(state ?? INITIAL_STATE), () => decodeOrders(loadCheckpoint(db, ORDERS)))
  const { frozen = state ? held : detection.frozen } = orders
  const drift = decodeOr(undefined, () => decodeDrift(loadCheckpoint(db, DRIFT)))
  return { phase, seen, collected, version, unusable, frozen, warmupTarget: detection.warmup_logs, drift }
}

/** Why the rule files are not in use; undefined if they are. */
export function rulesProblem(db: Database): string | undefined {
  const saved = loadCheckpoint(db, RULES_PROBLEM)
  return saved && Buffer.from(saved).toString()
}

/** Phase of the learning alone, which needs no configuration. */
export function learningPhase(db: Database): Phase {
  return (stateIn(db) ?? INITIAL_STATE).phase
}

/** Undefined before the first commit, or if it cannot be read. */
function stateIn(db: Database): LearningState | undefined {
  const saved = loadCheckpoint(db, 'learning')
  return saved && decodeOr(undefined, () => decodeState(saved))
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
