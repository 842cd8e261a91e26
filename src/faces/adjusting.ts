import { type Backtest, backtest } from '../control/backtest.ts'
import { ALLOWED_FOR_MS, applyAdjustment, type Proposal, proposals } from '../control/verdicts.ts'
import type { Adjustment } from '../core/documents/adjustment.ts'
import { OddlineError } from '../core/errors.ts'
import type { FaceDeps } from './ports.ts'

/** What is to be tried or applied: proposals by their ids, or one adjustment of somebody's own. */
export type Wanted = { readonly proposals: readonly string[] } | { readonly adjustment: Adjustment }

type Deps = Pick<FaceDeps, 'db' | 'clock' | 'config'>

const DAY = 86_400_000

export function proposed({ db, clock }: Deps): Proposal[] {
  return proposals(db, clock.now())
}

/** @throws OddlineError INPUT_UNREADABLE for a proposal that there is not, CONFIG_INVALID for what cannot be used */
export function tried(deps: Deps, wanted: Wanted): Backtest {
  return trial(deps, resolve(deps, wanted))
}

/**
 * Puts adjustments in force, unless findings that were called true would be lost by them and nobody said `anyway`.
 * @throws OddlineError as `tried`
 */
export function apply(
  deps: Deps,
  wanted: Wanted,
  options: { readonly author: string; readonly reason?: string; readonly days?: number; readonly anyway: boolean },
): { readonly ids: number[] } | { readonly lost: readonly string[] } {
  const { db, clock } = deps
  const { author, reason, days, anyway } = options
  return db
    .transaction(() => {
      const all = resolve(deps, wanted)
      const { lostHits } = trial(deps, all)
      if (lostHits.length > 0 && !anyway) return { lost: lostHits }
      const at = clock.now()
      const ids = all.map((one) =>
        applyAdjustment(
          db,
          {
            ...one,
            reason: reason ?? one.reason,
            expiresAt: days === undefined ? one.expiresAt : at + days * DAY,
          },
          { author, at },
        ),
      )
      return { ids }
    })
    .immediate()
}

function trial({ db, clock, config }: Deps, all: readonly Proposal[]): Backtest {
  return backtest(db, all, { minScore: config.detection.min_score, now: clock.now(), limit: TRIED_ON })
}

/** A trial answers a request, so it looks at fewer findings than the command does. */
const TRIED_ON = 10_000

function resolve(deps: Deps, wanted: Wanted): Proposal[] {
  if ('adjustment' in wanted) {
    const { adjustment } = wanted
    const expiresAt = adjustment.kind === 'allow' ? deps.clock.now() + ALLOWED_FOR_MS : Number.POSITIVE_INFINITY
    return [{ id: 'own', adjustment, findings: [], reason: 'asked for', expiresAt }]
  }
  const all = new Map(proposed(deps).map((one) => [one.id, one] as const))
  return [...new Set(wanted.proposals)].map((id) => {
    const one = all.get(id)
    if (!one) throw new OddlineError('INPUT_UNREADABLE', 'There is no such proposal; it may be in force already.')
    return one
  })
}
