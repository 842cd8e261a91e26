import type { EventBlock } from '../core/columns/block.ts'
import type { AppliedAdjustment } from '../core/documents/adjustment.ts'
import type { DetectorName, Evidence, Finding, RuleMatch } from '../core/documents/finding.ts'
import { SCORE_OF } from '../detectors/rules/detector.ts'
import { summaryOf } from '../detectors/rules/evidence.ts'
import { compileCidr } from '../detectors/rules/sigma/cidr.ts'
import { type Decision, vote } from '../ensemble/vote.ts'

/** A finding after the adjustments that people have applied. `by`: ids of the adjustments that had an effect. */
export type Adjusted =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'suppressed'
      readonly by: readonly number[]
      /** True if only thresholds applied: the event is then normal and may be learnt. An allowance only excuses it. */
      readonly normal: boolean
    }
  | {
      readonly kind: 'weakened'
      readonly by: readonly number[]
      readonly verdict: Pick<Decision, 'score' | 'votes' | 'weights'>
      readonly evidence: readonly Evidence[]
    }

/** Applies adjustments to a finding. It reads the document alone, so it works on new and on stored findings. */
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
 * Compiles adjustments into a function. Excused evidence is removed, and the rest votes again: if an allowed scanner also
 * matches a rule that is not excused, that rule alone keeps the finding.
 * @throws Error if a client is not an address or network
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
    const verdict = voteAgain(finding, evidence, minScore)
    return verdict
      ? { kind: 'weakened', by: [...by], verdict, evidence }
      : { kind: 'suppressed', by: [...by], normal: !allowed }
  }
}

/** Repeats the vote on one event with the remaining evidence. */
function voteAgain({ oddline }: Finding, evidence: readonly Evidence[], minScore: number): Decision | undefined {
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
