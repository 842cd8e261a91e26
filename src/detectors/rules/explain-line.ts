import type { EventBlock } from '../../core/columns/block.ts'
import type { RuleMatch } from '../../core/documents/finding.ts'
import { RulesDetector, type RulesOptions } from './detector.ts'
import type { RuleSet } from './loading/load.ts'
import type { Rule } from './sigma/model.ts'

/** A rule that only feeds correlations, and the titles of those correlations. */
export interface CountedRule {
  readonly rule: Rule
  readonly towards: readonly string[]
}

export interface LineExplanation {
  readonly matches: readonly RuleMatch[]
  readonly counted: readonly CountedRule[]
}

/** Explains which rules match the first event of a block, on a new detector. */
export function explainFirst(rules: RuleSet, block: EventBlock, options: RulesOptions = {}): LineExplanation {
  const detector = new RulesDetector(rules, options)
  const [score] = detector.score(block)
  const evidence = Number.isNaN(score) ? undefined : detector.explain(block, 0, score)
  const matches = evidence?.detector === 'rules' ? evidence.matches : []
  const counted = rules.rules
    .filter(({ id }) => detector.counts.has(id) && !matches.some((match) => match.id === id))
    .map((rule) => ({
      rule,
      towards: rules.correlations.filter((one) => one.rules.includes(rule.id)).map(({ title }) => title),
    }))
  return { matches, counted }
}
