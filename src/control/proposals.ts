import type { Adjustment, Allowance } from '../core/documents/adjustment.ts'
import type { Finding } from '../core/documents/finding.ts'
import type { StoredVerdict } from '../core/documents/verdict.ts'
import { adjustmentsInForce } from '../queries/adjustments.ts'
import type { State } from '../queries/state.ts'
import { judgedFindings } from '../queries/verdicts.ts'

/**
 * A change that verdicts suggest. A verdict itself changes nothing. A person can try its proposals on stored findings
 * (`backtest.ts`), apply them from the next batch on, and revert them.
 */
export interface Proposal {
  /** Stable as long as the verdicts stand: `allow-` and the id of the finding, `threshold-` and the model. */
  readonly id: string
  readonly adjustment: Adjustment
  readonly findings: readonly string[]
  readonly reason: string
  /** When it ends, ms since the epoch; Infinity for a threshold. */
  readonly expiresAt: number
}

/** How long an allowance holds by default; a person should then review it. */
export const ALLOWED_FOR_MS = 30 * 86_400_000
/** False positives needed to raise the threshold of a model; one is too few to measure. */
const MIN_FALSE = 3
/** Scores have four decimals, so this is the smallest step above one. */
const STEP = 0.0001

/** What the verdicts suggest and is not in force yet. */
export function proposals(db: State, now: number): Proposal[] {
  const judged = judgedFindings(db)
  const held = adjustmentsInForce(db, now)
  const covered = new Set(held.flatMap(({ findings }) => findings))
  const allowed = judged
    .filter(({ finding }) => !covered.has(finding.event.id))
    .flatMap(({ finding, verdict }): Proposal[] => {
      const adjustment = allowanceFor(finding, verdict)
      if (!adjustment) return []
      const reason = verdict.reason || (verdict.verdict === 'benign' ? 'known and allowed' : 'a false positive')
      const { id } = finding.event
      return [{ id: `allow-${id}`, adjustment, findings: [id], reason, expiresAt: now + ALLOWED_FOR_MS }]
    })
  const thresholds = (['isolation_forest', 'transformer'] as const).flatMap((model) => {
    const raised = thresholdFor(model, judged)
    const highest = Math.max(0, ...held.map(({ adjustment: one }) => scoreOf(one, model)))
    return raised && raised.adjustment.min_score > highest ? [{ ...raised, id: `threshold-${model}` }] : []
  })
  return [
    ...distinct(
      allowed,
      held.map(({ adjustment }) => adjustment),
    ),
    ...thresholds,
  ]
}

/** Merges equal proposals, with the findings of each, and drops those in force already. */
function distinct(all: readonly Proposal[], held: readonly Adjustment[]): Proposal[] {
  const known = new Set(held.map((adjustment) => JSON.stringify(adjustment)))
  const merged = new Map<string, Proposal>()
  for (const proposal of all) {
    const key = JSON.stringify(proposal.adjustment)
    const before = merged.get(key)
    if (known.has(key)) continue
    merged.set(key, before ? { ...before, findings: [...before.findings, ...proposal.findings] } : proposal)
  }
  return [...merged.values()]
}

type Judged = { readonly finding: Finding; readonly verdict: StoredVerdict }

/**
 * The narrowest allowance that covers the finding. Benign allows an actor (our own scanner); false positive allows an
 * action (a page whose parameters look like an attack). A finding of the models alone is allowed only for a known client;
 * otherwise the threshold of the model is raised.
 */
function allowanceFor(finding: Finding, { verdict }: StoredVerdict): Allowance | undefined {
  if (verdict === 'true_positive') return undefined
  const rules = rulesOf(finding)
  const what = rules.length > 0 ? { rules } : {}
  if (verdict === 'benign') {
    const client = finding.source?.ip
    const user = finding.user?.name
    if (!client && !user) return rules.length > 0 ? { kind: 'allow', ...what, ...pathOf(finding) } : undefined
    return { kind: 'allow', ...what, ...(client ? { client } : {}), ...(user ? { user } : {}) }
  }
  if (rules.length === 0) return undefined
  return { kind: 'allow', ...what, ...pathOf(finding), ...(finding.url ? {} : userOf(finding)) }
}

/**
 * The score from which a model should count: above its own findings that were judged false, and never above one that was
 * judged true.
 */
function thresholdFor(model: 'isolation_forest' | 'transformer', judged: readonly Judged[]) {
  const own = judged.filter(({ finding }) => rulesOf(finding).length === 0 && strongest(finding) === model)
  const scoreOfModel = ({ finding }: Judged) => finding.oddline.votes[model] ?? 0
  const hits = own.filter(({ verdict }) => verdict.verdict === 'true_positive').map(scoreOfModel)
  const lowest = Math.min(1, ...hits)
  const wrong = own.filter((one) => one.verdict.verdict === 'false_positive' && scoreOfModel(one) < lowest - STEP)
  if (wrong.length < MIN_FALSE) return undefined
  const min_score = Math.round((Math.max(...wrong.map(scoreOfModel)) + STEP) * 10_000) / 10_000
  return {
    adjustment: { kind: 'threshold' as const, model, min_score },
    findings: wrong.map(({ finding }) => finding.event.id),
    reason: `${wrong.length} false positives below it, no hit`,
    expiresAt: Number.POSITIVE_INFINITY,
  }
}

function scoreOf(adjustment: Adjustment, model: string): number {
  return adjustment.kind === 'threshold' && adjustment.model === model ? adjustment.min_score : 0
}

function strongest({ oddline }: Finding): string | undefined {
  return Object.entries(oddline.votes).sort((a, b) => b[1] - a[1])[0]?.[0]
}

function rulesOf({ oddline }: Finding): string[] {
  const matches = oddline.evidence.flatMap((one) => (one.detector === 'rules' ? one.matches : []))
  return [...new Set(matches.map(({ id }) => id))]
}

function pathOf({ url }: Finding): { target?: string } {
  return url?.path ? { target: url.path } : {}
}

function userOf({ user }: Finding): { user?: string } {
  return user?.name ? { user: user.name } : {}
}
