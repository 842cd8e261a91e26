import { seeded } from '../src/core/random.ts'
import { SequenceScorer } from '../src/detectors/transformer/scoring/scorer.ts'
import { trainTransformer } from '../src/detectors/transformer/training/trainer.ts'
import { CopySource } from '../test/support/generate/copy-source.ts'
import { scatterDifference } from '../test/support/reference/scatter-check.ts'
import { checkGradients } from './support/gradient-check.ts'
import { report } from './support/report.ts'

/**
 * Whether training computes what it should: gradients against central differences in float64, sums over repeated
 * indices, the same weights from the same seed with one thread and with two, and how near the loss on a source of known
 * entropy comes to that entropy.
 */
const SEED = 1
const SYMBOLS = 128
const LENGTH = 63

const errors = await checkGradients(SEED)
for (const { parameter, error } of errors) console.log(`${parameter}: relative error ${error.toExponential(2)}`)
const largest = Math.max(...errors.map(({ error }) => error))

const scatter = await scatterDifference(SEED)
console.log(`rows summed by repeated index on two threads: largest difference ${scatter}`)

const source = new CopySource(SYMBOLS, SEED)
const random = seeded(SEED)
const sequences = (count: number) => Array.from({ length: count }, () => source.sequence(LENGTH, random))
const training = sequences(20_000)
const unseen = sequences(500)

const brief = { seed: SEED, maxTokens: 40_000, width: 32 }
const [first, again, threaded] = [
  await trainTransformer(training.slice(0, 500), 2048, brief),
  await trainTransformer(training.slice(0, 500), 2048, brief),
  await trainTransformer(training.slice(0, 500), 2048, { ...brief, threads: 2 }),
]
const different = [again, threaded].map(
  ({ model }) => model.weights.filter((weight, i) => weight !== first.model.weights[i]).length,
)
console.log(`weights that differ: ${different[0]} in a second run, ${different[1]} with two threads`)

const trained = await trainTransformer(training, 2048, {
  seed: SEED,
  maxTokens: 5_000_000,
  heldOutShare: 0.02,
  displacement: 0,
  forgetting: 0,
  threads: 2,
  onProgress: ({ step, steps, heldOutLoss, elapsedMs }) => {
    if (step % 500 === 0)
      console.log(`step ${step} of ${steps}: ${heldOutLoss.toFixed(4)} nats, ${Math.round(elapsedMs / 1000)} s`)
  },
})
const scorer = await SequenceScorer.open(trained.model, { threads: 2 })
const scores = await scorer.scoreSessions(unseen)
const loss = mean(scores.map((one) => one.reduce((a, b) => a + b, 0) / one.length))
const bound = mean(unseen.map((sequence) => source.entropy(sequence)))
console.log(`loss on unseen sequences ${loss.toFixed(4)} nats, entropy of the source ${bound.toFixed(4)}`)

report(
  'gradients',
  {
    largest_relative_error: largest,
    parameters_checked: errors.length,
    scatter_largest_difference: scatter,
    weights_different_in_second_run: different[0],
    weights_different_with_two_threads: different[1],
    loss_nats: Number(loss.toFixed(4)),
    entropy_bound_nats: Number(bound.toFixed(4)),
    nats_above_bound: Number((loss - bound).toFixed(4)),
    steps: trained.steps,
    training_seconds: Math.round(trained.elapsedMs / 1000),
    tokens_per_second: Math.round((trained.tokens / trained.elapsedMs) * 1000),
  },
  { uniform_guess_nats: Number(Math.log(SYMBOLS).toFixed(4)) },
  {
    largest_relative_error: { max: 1e-8 },
    scatter_largest_difference: { max: 0 },
    weights_different_in_second_run: { max: 0 },
    weights_different_with_two_threads: { max: 0 },
    nats_above_bound: { max: 0.15 },
  },
)

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
