import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { seeded } from '../../src/core/random.ts'
import { countOf, initialise, parametersOf } from '../../src/detectors/transformer/parameters.ts'
import { emptyBatch, fillBatch, piecesOf } from '../../src/detectors/transformer/sessions/packing.ts'
import { gradientGraph } from '../../src/detectors/transformer/training/training-graph.ts'
import { openSession } from '../../src/graph/session.ts'

/** Small enough to move every single parameter, large enough to use every operation of the network. */
const DIMENSIONS = { vocabulary: 11, context: 6, width: 4, layers: 2, heads: 2, inner: 8 }
const ROWS = 2
const STEP = 1e-4

export interface GradientError {
  readonly parameter: string
  /** |g - central differences| / |central differences|, in the Euclidean norm over the parameter. */
  readonly error: number
}

/** Compares the gradient of the training graph with central differences of its loss, in float64, for every parameter. */
export async function checkGradients(seed: number): Promise<GradientError[]> {
  const random = seeded(seed)
  const parameters = parametersOf(DIMENSIONS)
  const session = await openSession(gradientGraph(DIMENSIONS, ROWS))
  try {
    const batch = batchFeeds(random)
    // Larger than a real start, so that no part of the network is nearly linear.
    const weights = Float64Array.from(initialise(parameters, random), (weight) => weight + 0.5 * (random() - 0.5))
    const { gradient } = await evaluate(session, batch, weights)
    const numeric = new Float64Array(countOf(parameters))
    for (let i = 0; i < numeric.length; i++) numeric[i] = await slope(session, batch, weights, i)
    return parameters.map(({ name, offset, size }) => ({
      parameter: name,
      error: relativeError(gradient.subarray(offset, offset + size), numeric.subarray(offset, offset + size)),
    }))
  } finally {
    await session.release()
  }
}

/** The central difference of fourth order: its error falls with the fourth power of the step. */
async function slope(session: InferenceSession, batch: Record<string, Tensor>, weights: Float64Array, i: number) {
  const at = async (distance: number) => {
    const moved = weights.slice()
    moved[i] += distance * STEP
    return (await evaluate(session, batch, moved)).loss
  }
  return (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * STEP)
}

async function evaluate(session: InferenceSession, batch: Record<string, Tensor>, weights: Float64Array) {
  const result = await session.run({ ...batch, weights: new Tensor('float64', weights, [weights.length]) })
  return { loss: (result.loss.data as Float64Array)[0], gradient: result.gradient.data as Float64Array }
}

/** Sessions of different lengths side by side in a row, with tokens that repeat. */
function batchFeeds(random: () => number): Record<string, Tensor> {
  const { context, vocabulary } = DIMENSIONS
  const batch = emptyBatch(ROWS, context)
  const sessions = [4, 3, 7].map((length) => Int32Array.from({ length }, () => Math.floor(random() * vocabulary)))
  fillBatch(
    batch,
    context,
    sessions.flatMap((session) => piecesOf(session, context, 2)),
    0,
  )
  const shape = [ROWS, context]
  return {
    tokens: new Tensor('int32', batch.tokens, shape),
    positions: new Tensor('int32', batch.positions, shape),
    segments: new Tensor('int32', batch.segments, shape),
    targets: new Tensor('int32', batch.targets, [batch.targets.length]),
    importance: new Tensor(
      'float64',
      Float64Array.from(batch.counted, (one) => one * (0.1 + random())),
      [batch.counted.length],
    ),
  }
}

function relativeError(actual: Float64Array, expected: Float64Array): number {
  let [difference, norm] = [0, 0]
  expected.forEach((value, i) => {
    difference += (actual[i] - value) ** 2
    norm += value ** 2
  })
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-12)
}
