import type { EventBlock } from '../core/columns/block.ts'
import type { AppliedAdjustment } from '../core/documents/adjustment.ts'
import type { DetectorName, Evidence, Finding, RuleMatch } from '../core/documents/finding.ts'
import { SCORE_OF } from '../detectors/rules/detector.ts'
import { summaryOf } from '../detectors/rules/evidence.ts'
import { compileCidr } from '../detectors/rules/sigma/cidr.ts'
import { type Verdict, vote } from '../ensemble/vote.ts'

/** What the adjustments leave of a finding. `by` are the ids of those that took something from it. */
export type Adjusted =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'suppressed'
      readonly by: readonly number[]
      /** Whether thresholds alone did it: the event is then held to be normal, where an allowance only excuses it. */
      readonly normal: boolean
    }
  | {
      readonly kind: 'weakened'
      readonly by: readonly number[]
      readonly verdict: Pick<Verdict, 'score' | 'votes' | 'weights'>
      readonly evidence: readonly Evidence[]
    }

/** Says what becomes of a finding. The same for one just made and for a stored one: it reads the document alone. */
export type Adjust = (finding: Finding) => Adjusted

interface Effect {
  readonly id: number
  readonly excuses: (finding: Finding, opinion: { readonly detector: DetectorName; readonly score: number }) => boolean
  readonly excusesRule: (finding: Finding, rule: RuleMatch) => boolean
  readonly isThreshold: boolean
}

/** What is needed of an adjustment to judge by it. */
type Applicable = Pick<AppliedAdjustment, 'id' | 'adjustment' | 'expiresAt'>

const UNCHANGED: Adjusted = { kind: 'unchanged' }

/**
 * What is excused is as if it had not been said, and the rest votes anew: a request of an allowed scanner that also
 * breaks a rule which is not excused stays a finding, by that rule.
 * @throws Error for a client that is no address or network
 */
export function compileAdjustments(applied: readonly Applicable[], minScore: number): Adjust {
  if (applied.length === 0) return () => UNCHANGED
  const effects = applied.map(compile)
  return (finding) => {
    const by = new Set<number>()
    let allowed = false
    const took = (effect: Effect | undefined) => {
      if (effect) {
        by.add(effect.id)
        allowed ||= !effect.isThreshold
      }
      return effect !== undefined
    }
    const evidence = finding.oddline.evidence.flatMap((one): Evidence[] => {
      if (one.detector !== 'rules') return took(effects.find((effect) => effect.excuses(finding, one))) ? [] : [one]
      const matches = one.matches.filter((rule) => !took(effects.find((effect) => effect.excusesRule(finding, rule))))
      if (matches.length === one.matches.length) return [one]
      const score = Math.max(...matches.map(({ level }) => SCORE_OF[level]))
      return matches.length === 0 ? [] : [{ ...one, matches, score, summary: summaryOf(matches) }]
    })
    if (by.size === 0) return UNCHANGED
    const verdict = voteAnew(finding, evidence, minScore)
    return verdict
      ? { kind: 'weakened', by: [...by], verdict, evidence }
      : { kind: 'suppressed', by: [...by], normal: !allowed }
  }
}

/** The vote over one event, by what is left of the evidence. */
function voteAnew({ oddline }: Finding, evidence: readonly Evidence[], minScore: number): Verdict | undefined {
  const ballots = evidence.map(({ detector, score }) => ({
    detector,
    weight: oddline.weights[detector] ?? 0,
    scores: Float32Array.of(score),
  }))
  const [verdict] = vote({ count: 1 } as EventBlock, ballots, minScore)
  return verdict
}

function compile({ id, adjustment, expiresAt }: Applicable): Effect {
  const fresh = (finding: Finding) => Date.parse(finding['@timestamp']) < expiresAt
  if (adjustment.kind === 'threshold') {
    const { model, min_score } = adjustment
    return {
      id,
      isThreshold: true,
      excuses: (finding, { detector, score }) => detector === model && score < min_score && fresh(finding),
      excusesRule: () => false,
    }
  }
  const { rules, models, client, user, target } = adjustment
  const inside = client === undefined ? undefined : compileCidr(client)
  const covers = (finding: Finding) =>
    fresh(finding) &&
    (!inside || inside(finding.source?.ip ?? '')) &&
    (user === undefined || finding.user?.name === user) &&
    (target === undefined || (finding.url?.original ?? '').startsWith(target))
  const all = rules === undefined && models === undefined
  return {
    id,
    isThreshold: false,
    excuses: (finding, { detector }) => (all || (models ?? []).some((model) => model === detector)) && covers(finding),
    excusesRule: (finding, rule) => (all || (rules ?? []).includes(rule.id)) && covers(finding),
  }
}
