import type { EventBlock } from '../../core/columns/block.ts'
import { type Evidence, SAYS_NOTHING } from '../../core/documents/finding.ts'
import { countText, percentText, quoted } from '../../core/text/for-people.ts'
import { type Rareness, rarenessText } from '../../ensemble/how-rare.ts'
import type { Expectation, SequenceScorer } from './scoring/scorer.ts'
import { BOS, EOS, UNK } from './vocabulary.ts'

/** Expected next templates in an explanation. */
const EXPECTED = 3
/** Previous templates in an explanation. */
const CONTEXT = 20
/** Longest template text in a sentence, characters. */
const MAX_TEXT = 120
const NEVER_SEEN = 'a step never seen in training'
/** Text of a template that is not in the training data. */
const UNKNOWN_TEXT = '<unknown>'
/** A smaller probability is not told apart from this one. */
const LEAST = 1e-4
/** A greater probability is said in percent. */
const IN_PERCENT = 0.095

/** An event of a session. */
export interface SessionStep {
  /** Previous tokens that the model saw; BOS is the first if the session begins there. */
  readonly before: Int32Array
  /** Text of its template. */
  readonly seen: string
  /** Its negative log-likelihood, nats. */
  readonly nats: number
  readonly rarity: Rareness
  readonly kind: EventBlock['kind']
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
    return token === EOS ? '(end of session)' : NEVER_SEEN
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
  const seen = { template: step.seen === UNKNOWN_TEXT ? NEVER_SEEN : step.seen, probability: Math.exp(-step.nats) }
  // The end of a session is no step.
  const usual = expected.find((_, i) => likeliest[i].token !== EOS && likeliest[i].token !== UNK)
  return {
    detector: 'transformer',
    score: step.calibrated,
    summary: `${rarenessText(step.rarity, step.kind)}: ${sentence(step.kind, seen, usual, context.at(-1))}`,
    raw_score: step.nats,
    one_in: step.rarity.oneIn,
    seen,
    expected,
    context,
  }
}

interface Chance {
  readonly template: string
  readonly probability: number
}

function sentence(kind: EventBlock['kind'], seen: Chance, usual: Chance | undefined, previous: string | undefined) {
  const often = seen.template === NEVER_SEEN ? '' : ` ${frequency(seen.probability)}`
  const other = usual !== undefined && usual.template !== seen.template ? usual : undefined
  const chance = other && `${named(other.template)} (${percentText(other.probability)})`
  if (previous !== undefined) {
    const before = previous === NEVER_SEEN && seen.template === NEVER_SEEN ? 'another such step' : named(previous)
    const what = `${named(seen.template)} follows ${before}${often}`
    return chance === undefined ? what : `${what}; most often ${chance} follows`
  }
  const first = `the first ${kind === 'http' ? 'request' : 'event'} of its session`
  const what = `${first} is ${named(seen.template)}${often && `,${often}`}`
  return chance === undefined ? what : `${what}; most often it is ${chance}`
}

function named(template: string): string {
  return template === NEVER_SEEN ? template : quoted(template, MAX_TEXT)
}

/** How often a step comes, such as `1 time in 40`. */
function frequency(probability: number): string {
  if (probability < LEAST) return `less than 1 time in ${countText(1 / LEAST)}`
  return probability < IN_PERCENT
    ? `1 time in ${countText(1 / probability, 2)}`
    : `${percentText(probability)} of the time`
}
