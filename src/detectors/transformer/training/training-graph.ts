import { adamW } from '../../../graph/adamw.ts'
import { gradients } from '../../../graph/gradients.ts'
import { Graph, type Tensor } from '../../../graph/graph.ts'
import { linearCrossEntropy } from '../../../graph/ops/cross-entropy.ts'
import { multiply, sum } from '../../../graph/ops/elementwise.ts'
import { hiddenStates } from '../network.ts'
import { countOf, type Dimensions, type Parameter, parametersOf } from '../parameters.ts'

const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, maxNorm: 1 }
const WEIGHT_DECAY = 0.01

/** One training step as an ONNX model. Inputs: batch, flat weights, optimiser state. Outputs: loss, updated weights and state. */
export function trainingGraph(dimensions: Dimensions, rows: number): Uint8Array {
  const graph = new Graph()
  const parameters = parametersOf(dimensions)
  const n = [countOf(parameters)]
  const state = {
    weights: graph.input('weights', 'float32', n),
    mean: graph.input('mean', 'float32', n),
    variance: graph.input('variance', 'float32', n),
  }
  const schedule = {
    rate: graph.input('rate', 'float32', []),
    meanScale: graph.input('mean_scale', 'float32', []),
    varianceScale: graph.input('variance_scale', 'float32', []),
  }
  const { loss, gradient } = lossAndGradient(graph, dimensions, parameters, state.weights, rows)
  const next = adamW(graph, state, gradient, schedule, { ...OPTIMISER, decay: decayOf(parameters) })
  graph.output('loss', loss)
  graph.output('next_weights', next.weights)
  graph.output('next_mean', next.mean)
  graph.output('next_variance', next.variance)
  return graph.encode('training_step')
}

/** Loss and flat gradient in float64, to check the gradient against differences of the loss. */
export function gradientGraph(dimensions: Dimensions, rows: number): Uint8Array {
  const graph = new Graph('float64')
  const parameters = parametersOf(dimensions)
  const weights = graph.input('weights', 'float64', [countOf(parameters)])
  const { loss, gradient } = lossAndGradient(graph, dimensions, parameters, weights, rows)
  graph.output('loss', loss)
  graph.output('gradient', gradient)
  return graph.encode('gradient')
}

/** The loss alone, for early stopping. The weights are an input. */
export function validationGraph(dimensions: Dimensions, rows: number): Uint8Array {
  const graph = new Graph()
  const parameters = parametersOf(dimensions)
  const weights = graph.input('weights', 'float32', [countOf(parameters)])
  graph.output('loss', weightedLoss(graph, dimensions, split(graph, weights, parameters), rows))
  return graph.encode('validation')
}

/** beta1 and beta2 of AdamW. The caller computes the bias corrections from them. */
export const MOMENTS = [OPTIMISER.beta1, OPTIMISER.beta2] as const

function lossAndGradient(
  graph: Graph,
  dimensions: Dimensions,
  parameters: readonly Parameter[],
  weights: Tensor,
  rows: number,
): { loss: Tensor; gradient: Tensor } {
  const leaves = split(graph, weights, parameters)
  const loss = weightedLoss(graph, dimensions, leaves, rows)
  const parts = gradients(graph, loss, [...leaves.values()]).map((part, i) => {
    const flat = [parameters[i].size]
    return graph.emit('Reshape', [part, graph.integers(flat)], flat)
  })
  return { loss, gradient: graph.emit('Concat', parts, weights.shape, { attributes: { axis: { int: 0 } } }) }
}

/** Sum over all positions of negative log-likelihood times `importance`. The caller normalises `importance`. */
function weightedLoss(graph: Graph, dimensions: Dimensions, leaves: ReadonlyMap<string, Tensor>, rows: number): Tensor {
  const shape = [rows, dimensions.context]
  const inputs = {
    tokens: graph.input('tokens', 'int32', shape),
    positions: graph.input('positions', 'int32', shape),
    segments: graph.input('segments', 'int32', shape),
  }
  const n = [rows * dimensions.context]
  const targets = graph.input('targets', 'int32', n)
  const importance = graph.input('importance', graph.real, n)
  const parameter = (name: string) => leaves.get(name)!
  const hidden = hiddenStates(graph, dimensions, inputs, parameter)
  const { loss } = linearCrossEntropy(graph, hidden, parameter('embedding'), targets)
  return sum(graph, multiply(graph, loss, importance))
}

/** Splits the flat weights into parameters, the leaves of the gradient. */
function split(graph: Graph, weights: Tensor, parameters: readonly Parameter[]): Map<string, Tensor> {
  const sizes = graph.integers(parameters.map(({ size }) => size))
  const outputs = parameters.map(({ size }) => ({ shape: [size], type: graph.real }))
  const parts = graph.emitAll('Split', [weights, sizes], outputs, { attributes: { axis: { int: 0 } } })
  return new Map(
    parameters.map(({ name, shape }, i) => [name, graph.emit('Reshape', [parts[i], graph.integers(shape)], shape)]),
  )
}

/** Weight decay applies to matrices, not to gains and biases. */
function decayOf(parameters: readonly Parameter[]): Float32Array {
  const decay = new Float32Array(countOf(parameters))
  for (const { offset, size, shape } of parameters)
    if (shape.length > 1) decay.fill(WEIGHT_DECAY, offset, offset + size)
  return decay
}
