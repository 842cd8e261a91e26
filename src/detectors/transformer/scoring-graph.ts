import { Graph } from '../../graph/graph.ts'
import { crossEntropy } from '../../graph/ops/cross-entropy.ts'
import { product, swapLast } from '../../graph/ops/linear.ts'
import type { TransformerModel } from './model.ts'
import { hiddenStates, type Linear, plainLinear } from './network.ts'
import { parametersOf } from './parameters.ts'
import { quantizedMatmul } from './quantize.ts'

export interface ScoringGraphOptions {
  /** Multiplies 8-bit integers in the layers. Faster, at the price of scores that move a little with the company of a batch. */
  readonly int8?: boolean
}

/**
 * The network with its weights inside: what `transformer_model.onnx` holds.
 * In: `tokens`, `positions`, `segments`, `targets` [rows, context], int32. Out: `nll` [rows, context], the negative
 * log-likelihood of each target in nats, and `log_probabilities` [rows * context, vocabulary].
 */
export function scoringGraph({ dimensions, weights }: TransformerModel, options: ScoringGraphOptions = {}): Uint8Array {
  const { context } = dimensions
  const graph = new Graph()
  const shape = ['rows', context]
  const inputs = {
    tokens: graph.input('tokens', 'int32', shape),
    positions: graph.input('positions', 'int32', shape),
    segments: graph.input('segments', 'int32', shape),
  }
  const targets = graph.input('targets', 'int32', shape)

  const layout = new Map(parametersOf(dimensions).map((parameter) => [parameter.name, parameter]))
  const valuesOf = (name: string) => {
    const { offset, size } = layout.get(name)!
    return weights.subarray(offset, offset + size)
  }
  const parameters = new Map(
    [...layout.values()].map(({ name, shape }) => [
      name,
      // A quantised matrix is stored once, as integers; the embedding is looked up as well, so it stays.
      options.int8 && isMatrix(name) ? undefined : graph.initializer(`_${name}`, 'float32', shape, valuesOf(name)),
    ]),
  )
  const parameter = (name: string) => parameters.get(name)!
  const quantized: Linear = (x, name) => quantizedMatmul(graph, x, name, valuesOf(name), layout.get(name)!.shape)
  const linear = options.int8 ? quantized : plainLinear(graph, parameter)

  const hidden = hiddenStates(graph, dimensions, inputs, parameter, linear)
  const logits = options.int8
    ? quantizedMatmul(graph, hidden, 'embedding', transposed(valuesOf('embedding'), dimensions.width), [
        dimensions.width,
        dimensions.vocabulary,
      ])
    : product(graph, hidden, swapLast(graph, parameter('embedding')))
  const flat = graph.emit('Reshape', [targets, graph.integers([-1])], [-1])
  const { loss, logProbabilities } = crossEntropy(graph, logits, flat)
  graph.output('nll', graph.emit('Reshape', [loss, graph.integers([-1, context])], [-1, context]), shape)
  graph.output('log_probabilities', logProbabilities, ['positions', dimensions.vocabulary])
  return graph.encode('next_template')
}

function isMatrix(name: string): boolean {
  return /\.(query|key|value|output|up|down)$/.test(name)
}

function transposed(table: Float32Array, columns: number): Float32Array {
  const rows = table.length / columns
  const result = new Float32Array(table.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = table[i * columns + j]
  return result
}
