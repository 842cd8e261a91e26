import type { Adjustment } from '../core/documents/adjustment.ts'
import type { Finding } from '../core/documents/finding.ts'
import { compileAdjustments } from '../learning/adjust.ts'
import { adjustmentsAt } from '../store/adjustments.ts'
import type { Database } from '../store/database.ts'
import { storedFindings, type Verdict } from '../store/verdicts.ts'
import { asApplied, checkAdjustment, type Proposal } from './verdicts.ts'

type Judged = Verdict | 'unjudged'
export type VerdictCounts = Record<Judged, number>

/** What some adjustments would have made of the findings that are stored. */
export interface Backtest {
  /** Findings looked at, the newest ones. */
  readonly findings: number
  readonly suppressed: VerdictCounts
  readonly weakened: VerdictCounts
  /** Of those suppressed, by rule and by the models that had an opinion. */
  readonly byRule: Readonly<Record<string, number>>
  readonly byModel: Readonly<Record<string, number>>
  /** Hits that would be lost: none, or the adjustment is too wide. */
  readonly lostHits: readonly string[]
  /** Some of what would be suppressed, the strongest first. */
  readonly examples: readonly Finding[]
}

const EXAMPLES = 5
const LOST_SHOWN = 20

/**
 * Tries adjustments on the findings of the past, beside those in force now. It uses the very function that batches do,
 * on the very documents that they made, so it tells what would have been.
 * @throws OddlineError CONFIG_INVALID for an adjustment that cannot be used
 */
export function backtest(
  db: Database,
  tried: readonly { readonly adjustment: Adjustment; readonly expiresAt?: number }[],
  options: { readonly minScore: number; readonly now: number; readonly limit?: number },
): Backtest {
  const { minScore, now, limit = 100_000 } = options
  for (const { adjustment } of tried) checkAdjustment(adjustment)
  const held = adjustmentsAt(db, now)
  const before = compileAdjustments(held, minScore)
  const fresh = tried.map(({ adjustment }, i) => asApplied({ adjustment, expiresAt: Number.POSITIVE_INFINITY }, -1 - i))
  const after = compileAdjustments([...held, ...fresh], minScore)
  const suppressed = noCounts()
  const weakened = noCounts()
  const byRule: Record<string, number> = {}
  const byModel: Record<string, number> = {}
  const lostHits: string[] = []
  const examples: Finding[] = []
  let findings = 0
  for (const { finding, verdict } of storedFindings(db, limit)) {
    findings++
    if (before(finding).kind === 'suppressed') continue
    const adjusted = after(finding)
    if (adjusted.kind === 'unchanged' || !adjusted.by.some((id) => id < 0)) continue
    const judged: Judged = verdict ?? 'unjudged'
    if (adjusted.kind === 'weakened') {
      weakened[judged]++
      continue
    }
    suppressed[judged]++
    if (verdict === 'true_positive' && lostHits.length < LOST_SHOWN) lostHits.push(finding.event.id)
    tally(finding, byRule, byModel)
    keepStrongest(examples, finding)
  }
  return { findings, suppressed, weakened, byRule, byModel, lostHits, examples }
}

/** The same for proposals, by their ids; every one where none is named. */
export function chosen(all: readonly Proposal[], ids: readonly string[]): Proposal[] {
  return ids.length === 0 ? [...all] : all.filter(({ id }) => ids.includes(id))
}

function noCounts(): VerdictCounts {
  return { true_positive: 0, false_positive: 0, benign: 0, unjudged: 0 }
}

function tally({ oddline }: Finding, byRule: Record<string, number>, byModel: Record<string, number>): void {
  for (const one of oddline.evidence) {
    if (one.detector !== 'rules') byModel[one.detector] = (byModel[one.detector] ?? 0) + 1
    else for (const { id } of one.matches) byRule[id] = (byRule[id] ?? 0) + 1
  }
}

function keepStrongest(examples: Finding[], finding: Finding): void {
  examples.push(finding)
  examples.sort((a, b) => b.oddline.score - a.oddline.score)
  if (examples.length > EXAMPLES) examples.pop()
}
