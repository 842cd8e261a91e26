import { type Evidence, SAYS_NOTHING } from '../../core/documents/finding.ts'
import type { Expectation, SequenceScorer } from './scoring/scorer.ts'
import { BOS, EOS } from './vocabulary.ts'

/** Expected next templates in an explanation. */
const EXPECTED = 3
/** Previous templates in an explanation. */
const CONTEXT = 20
/** Longest template text in a sentence, characters. */
const MAX_TEXT = 120

/** An event of a session. */
export interface SessionStep {
  /** Previous tokens that the model saw; BOS is the first if the session begins there. */
  readonly before: Int32Array
  /** Text of its template. */
  readonly seen: string
  /** Its negative log-likelihood, nats. */
  readonly nats: number
  /** One in this many normal events has at least this score. */
  readonly oneIn: number
  /** Calibrated score, 0 to 1. */
  readonly calibrated: number
}

/**
 * Explains steps: what was seen, after what, and what the model expected instead. Expected templates need an extra pass of
 * the network, so they are computed only for steps that are unusual to this model. One call for many steps is cheapest.
 */
export async function explainSteps(
  scorer: SequenceScorer,
  steps: readonly SessionStep[],
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

function evidenceOf(
  step: SessionStep,
  likeliest: readonly Expectation[],
  describe: (token: number) => string,
): Evidence {
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
