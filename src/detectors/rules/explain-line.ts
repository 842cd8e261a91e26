import type { EventBlock } from '../../core/block.ts'
import type { RuleMatch } from '../../core/finding.ts'
import { RulesDetector, type RulesOptions } from './detector.ts'
import type { RuleSet } from './load.ts'

/** What the rules say of each event of a block, on a detector as new; correlations count within the block alone. */
export function explainBlock(
  rules: RuleSet,
  block: EventBlock,
  options: RulesOptions = {},
): readonly (readonly RuleMatch[])[] {
  const detector = new RulesDetector(rules, options)
  const scores = detector.score(block)
  return Array.from(scores, (score, index) => {
    if (Number.isNaN(score)) return []
    const evidence = detector.explain(block, index, score)
    return evidence.detector === 'rules' ? evidence.matches : []
  })
}
