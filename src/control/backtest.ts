import type { Adjustment } from '../core/documents/adjustment.ts'
import type { Finding } from '../core/documents/finding.ts'
import type { Verdict } from '../core/documents/verdict.ts'
import { compileAdjustments } from '../learning/adjust.ts'
import type { State } from '../queries/state.ts'
import { judgedFindings, storedFindings } from '../queries/verdicts.ts'
import { adjustmentsAt } from '../store/adjustments.ts'

type Judged = Verdict | 'unjudged'
export type VerdictCounts = Record<Judged, number>

/** What adjustments would have done to the stored findings. */
export interface Backtest {
  /** Number of findings tried, the newest. */
  readonly findings: number
  readonly suppressed: VerdictCounts
  readonly weakened: VerdictCounts
  /** Suppressed findings by rule, and by model that had an opinion. */
  readonly byRule: Readonly<Record<string, number>>
  readonly byModel: Readonly<Record<string, number>>
  /** Findings judged true that would be lost. If there are any, the adjustment is too wide. */
  readonly lostHits: readonly string[]
  /** Some of the suppressed findings, strongest first. */
  readonly examples: readonly Finding[]
}

/** Newest findings that a trial reads. It runs within an API request, so it must be short. */
const TRIED_ON = 10_000
const EXAMPLES = 5
const LOST_SHOWN = 20

/**
 * Tries adjustments on stored findings, on top of those in force now. It calls the function that batches call, on the
 * same documents, so the result is what a batch would have done. Findings judged true are tried at any age.
 */
export function backtest(
  db: State,
  tried: readonly { readonly adjustment: Adjustment }[],
  { minScore, now }: { readonly minScore: number; readonly now: number },
): Backtest {
  const effectOf = effects(db, tried, minScore, now)
  const suppressed = noCounts()
  const weakened = noCounts()
  const byRule: Record<string, number> = {}
  const byModel: Record<string, number> = {}
  const examples: Finding[] = []
  let findings = 0
  for (const { finding, verdict } of storedFindings(db, TRIED_ON)) {
    findings++
    const effect = effectOf(finding)
    if (effect === 'none') continue
    if (effect === 'weakened') {
      weakened[verdict ?? 'unjudged']++
      continue
    }
    suppressed[verdict ?? 'unjudged']++
    tally(finding, byRule, byModel)
    keepStrongest(examples, finding)
  }
  const lostHits = judgedFindings(db)
    .filter(({ finding, verdict }) => verdict.verdict === 'true_positive' && effectOf(finding) === 'suppressed')
    .map(({ finding }) => finding.event.id)
    .slice(0, LOST_SHOWN)
  return { findings, suppressed, weakened, byRule, byModel, lostHits, examples }
}

/** What the tried adjustments do to a finding beyond those in force. */
function effects(db: State, tried: readonly { readonly adjustment: Adjustment }[], minScore: number, now: number) {
  const held = adjustmentsAt(db, now)
  const before = compileAdjustments(held, minScore)
  // Tried adjustments get ids below 0.
  const fresh = tried.map(({ adjustment }, i) => ({ id: -1 - i, adjustment, expiresAt: Number.POSITIVE_INFINITY }))
  const after = compileAdjustments([...held, ...fresh], minScore)
  return (finding: Finding): 'none' | 'weakened' | 'suppressed' => {
    if (before(finding).kind === 'suppressed') return 'none'
    const adjusted = after(finding)
    return adjusted.kind === 'unchanged' || !adjusted.by.some((id) => id < 0) ? 'none' : adjusted.kind
  }
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
