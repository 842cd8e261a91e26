import { type Evidence, SAYS_NOTHING } from '../../core/documents/finding.ts'
import type { Expectation, SequenceScorer } from './scoring/scorer.ts'
import { BOS, EOS } from './vocabulary.ts'

/** Next templates that an explanation names, and templates before the event that it shows. */
const EXPECTED = 3
const CONTEXT = 20
const MAX_TEXT = 120

export interface Step {
  /** The tokens before it that the model had in sight, BOS included where the session begins there. */
  readonly before: Int32Array
  /** Text of the template that was seen. */
  readonly seen: string
  /** Its negative log-likelihood. */
  readonly nats: number
  readonly oneIn: number
  /** Calibrated score, 0 to 1. */
  readonly calibrated: number
}

/**
 * Why steps are odd: what was seen, what the model expected instead, and after what. Many at once cost least. Of one that
 * is not odd to the model, but to another detector, it says no more than how probable it was.
 */
export async function explainSteps(
  scorer: SequenceScorer,
  steps: readonly Step[],
  textOf: (template: number) => string,
): Promise<Evidence[]> {
  const { vocabulary } = scorer.model
  const describe = (token: number) => {
    const template = vocabulary.template(token)
    if (template !== undefined) return textOf(template)
    return token === EOS ? '(end of session)' : '(step not seen in training)'
  }
  const odd = steps.filter(({ calibrated }) => calibrated >= SAYS_NOTHING)
  const likeliest = await scorer.topK(
    odd.map(({ before }) => before),
    EXPECTED,
  )
  const expected = new Map(odd.map((step, i) => [step, likeliest[i]]))
  return steps.map((step) => evidenceOf(step, expected.get(step) ?? [], describe))
}

function evidenceOf(step: Step, likeliest: readonly Expectation[], describe: (token: number) => string): Evidence {
  const expected = likeliest.map(({ token, probability }) => ({ template: describe(token), probability }))
  const context = [...step.before.filter((token) => token !== BOS)].slice(-CONTEXT).map(describe)
  const seen = { template: step.seen, probability: Math.exp(-step.nats) }
  return {
    detector: 'transformer',
    score: step.calibrated,
    summary: sentence(seen, expected.at(0), context.at(-1)),
    raw_score: step.nats,
    one_in: step.oneIn,
    seen,
    expected,
    context,
  }
}

interface Chance {
  readonly template: string
  readonly probability: number
}

function sentence(seen: Chance, expected: Chance | undefined, previous: string | undefined): string {
  const when = previous === undefined ? 'As the first step of its session' : `After "${cut(previous)}"`
  const what = `${when}, "${cut(seen.template)}" has a probability of ${percent(seen.probability)}`
  return expected ? `${what}; expected was "${cut(expected.template)}" (${percent(expected.probability)})` : what
}

function percent(probability: number): string {
  return probability < 0.0001 ? 'less than 0.01 %' : `${Number((probability * 100).toPrecision(2))} %`
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
