import { type Adjustment, AdjustmentSchema } from '../core/documents/adjustment.ts'
import { messageOf, OddlineError } from '../core/errors.ts'
import { compileAdjustments } from '../learning/adjust.ts'
import type { State } from '../queries/state.ts'
import { addAdjustment, endAdjustment } from '../store/adjustments.ts'
import { type Backtest, backtest } from './backtest.ts'
import { ALLOWED_FOR_MS, type Proposal, proposals } from './proposals.ts'

/** What to try or apply: proposals by their ids, all proposals, or one adjustment of a person's own. */
export type Wanted =
  | { readonly proposals: readonly string[] | 'all' }
  | { readonly adjustment: Adjustment; readonly reason?: string }

interface Setting {
  /** Score from which an event is a finding. */
  readonly minScore: number
  readonly now: number
}

export interface ApplyOptions extends Setting {
  readonly author: string
  /** In place of the reason of the proposal. */
  readonly reason?: string
  /** How long it holds, in place of what the proposal says. */
  readonly forMs?: number
  /** Apply even if findings judged true would be lost. */
  readonly anyway: boolean
}

export interface Applied {
  readonly id: number
  readonly adjustment: Adjustment
  readonly expiresAt: number
}

/**
 * Says what these adjustments would do to the stored findings. Changes nothing.
 * @throws OddlineError INPUT_UNREADABLE where there is no such proposal, CONFIG_INVALID where one cannot be used
 */
export function tryAdjustments(db: State, wanted: Wanted, setting: Setting): Backtest {
  return trial(db, resolve(db, wanted, setting.now), setting)
}

/**
 * Puts adjustments in force from the next batch on. If findings judged true would be lost, it applies nothing unless
 * `anyway` is set.
 * @throws OddlineError as `tryAdjustments`
 */
export function applyAdjustments(
  db: State,
  wanted: Wanted,
  options: ApplyOptions,
): { readonly applied: readonly Applied[]; readonly trial: Backtest } {
  const { author, reason, forMs, anyway, now } = options
  return db
    .transaction(() => {
      const all = resolve(db, wanted, now)
      const result = trial(db, all, options)
      if (result.lostHits.length > 0 && !anyway) return { applied: [], trial: result }
      const applied = all.map(({ adjustment, findings, ...one }) => {
        const expiresAt = forMs === undefined ? one.expiresAt : Math.round(now + forMs)
        const row = { adjustment, findings, reason: reason ?? one.reason, author, createdAt: now, expiresAt }
        return { id: addAdjustment(db, row), adjustment, expiresAt }
      })
      return { applied, trial: result }
    })
    .immediate()
}

/** Ends an adjustment from the next batch on. @throws OddlineError INPUT_UNREADABLE where none is in force */
export function revertAdjustment(db: State, id: number, now: number): void {
  if (!endAdjustment(db, id, now)) {
    throw new OddlineError('INPUT_UNREADABLE', `No adjustment ${id} is in force.`)
  }
}

function trial(db: State, all: readonly Proposal[], setting: Setting): Backtest {
  for (const { adjustment } of all) check(adjustment)
  return backtest(db, all, setting)
}

function resolve(db: State, wanted: Wanted, now: number): Proposal[] {
  if ('adjustment' in wanted) {
    const { adjustment, reason = 'asked for' } = wanted
    const expiresAt = adjustment.kind === 'allow' ? now + ALLOWED_FOR_MS : Number.POSITIVE_INFINITY
    return [{ id: 'own', adjustment, findings: [], reason, expiresAt }]
  }
  const all = proposals(db, now)
  if (wanted.proposals === 'all') return all
  return [...new Set(wanted.proposals)].map((id) => {
    const one = all.find((proposal) => proposal.id === id)
    if (!one) {
      const what = `There is no proposal ${JSON.stringify(id.slice(0, 100))}; it may be in force already.`
      throw new OddlineError('INPUT_UNREADABLE', `${what} See oddline verdicts propose.`)
    }
    return one
  })
}

/** @throws OddlineError CONFIG_INVALID */
function check(adjustment: Adjustment): void {
  try {
    AdjustmentSchema.parse(adjustment)
    compileAdjustments([{ id: 0, adjustment, expiresAt: Number.POSITIVE_INFINITY }], 0)
  } catch (error) {
    throw new OddlineError('CONFIG_INVALID', `This adjustment cannot be used: ${messageOf(error)}`, { cause: error })
  }
}
