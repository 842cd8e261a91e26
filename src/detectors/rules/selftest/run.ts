import { RulesDetector } from '../detector.ts'
import type { RuleSet } from '../loading/load.ts'
import type { Correlation, Rule } from '../sigma/model.ts'
import { blockOf } from './events.ts'
import { readScenario } from './scenario.ts'

/** A failed test of a rule. */
export interface SelfTestFailure {
  readonly rule: string
  readonly title: string
  readonly origin: string
  /**
   * `match`: the rule should have fired and did not. `quiet`: it fired and should not have. `invalid`: the test is
   * malformed.
   */
  readonly expected: 'match' | 'quiet' | 'invalid'
  readonly test: string
}

export interface SelfTestReport {
  readonly run: number
  /** Titles of the rules without tests. */
  readonly untested: readonly string[]
  readonly failures: readonly SelfTestFailure[]
}

/** Runs the tests in the rule files, each on a detector with empty state and all rules active. */
export function runSelfTests(rules: RuleSet): SelfTestReport {
  const failures: SelfTestFailure[] = []
  const untested: string[] = []
  const detector = new RulesDetector(rules)
  const fresh = detector.snapshot()
  let run = 0
  for (const rule of [...rules.rules, ...rules.correlations]) {
    const { match, quiet } = rule.tests
    if (match.length + quiet.length === 0 && !feeds(rule, rules.correlations)) untested.push(rule.title)
    for (const [expected, tests] of [['match', match] as const, ['quiet', quiet] as const]) {
      for (const test of tests) {
        run++
        const outcome = judge(detector, fresh, rule, expected, test)
        if (outcome !== 'as expected') {
          const text = typeof test === 'string' ? test : JSON.stringify(test)
          failures.push({ rule: rule.id, title: rule.title, origin: rule.origin, expected: outcome, test: text })
        }
      }
    }
  }
  return { run, untested, failures }
}

function feeds(rule: Rule | Correlation, correlations: readonly Correlation[]): boolean {
  return correlations.some((correlation) => correlation.rules.includes(rule.id))
}

function judge(
  detector: RulesDetector,
  fresh: Uint8Array,
  rule: Rule | Correlation,
  expected: 'match' | 'quiet',
  test: unknown,
): 'as expected' | SelfTestFailure['expected'] {
  const events = readScenario(test)
  if (!events || events.length === 0) return 'invalid'
  detector.restore(fresh)
  detector.score(blockOf(events))
  const fired = (detector.counts.get(rule.id) ?? 0) > 0
  return fired === (expected === 'match') ? 'as expected' : expected
}
