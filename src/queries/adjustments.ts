import type { AppliedAdjustment } from '../core/documents/adjustment.ts'
import { allAdjustments } from '../store/adjustments.ts'
import type { Database } from '../store/database.ts'

export interface AdjustmentItem extends AppliedAdjustment {
  /** Whether the next batch judges by it. */
  readonly inForce: boolean
}

/** Every adjustment that was ever applied, the newest first. */
export function listAdjustments(db: Database, now: number): AdjustmentItem[] {
  return allAdjustments(db).map((one) => ({ ...one, inForce: one.endedAt === null && one.expiresAt > now }))
}

export function adjustmentsInForce(db: Database, now: number): AdjustmentItem[] {
  return listAdjustments(db, now).filter(({ inForce }) => inForce)
}
