import { Graph } from '../../../graph/graph.ts'
import { crossEntropy } from '../../../graph/ops/cross-entropy.ts'
import { product, swapLast } from '../../../graph/ops/linear.ts'
import type { TransformerModel } from '../model.ts'
import { parametersOf } from '../parameters.ts'
import { quantizedMatmul } from './quantize.ts'
import { type Linear, scoringStates } from './scoring-network.ts'

export interface ScoringGraphOptions {
  /** Computes the layers with 8-bit integers. Scores then depend slightly on the rest of the batch. */
  readonly int8?: boolean
}

/**
 * The scoring network with its weights, the content of `transformer_model.onnx`.
 *
 * Inputs, int32: `tokens` [rows, length], length at most the context; `wanted` [n], positions to predict from, as indices of
 * the flat `tokens`; `targets` [n], the token after each. Outputs, float32: `nll` [n], negative log-likelihood of each
 * target in nats; `log_probabilities` [n, vocabulary].
 */
export function scoringGraph({ dimensions, weights }: TransformerModel, options: ScoringGraphOptions = {}): Uint8Array {
  const { width, vocabulary } = dimensions
  const graph = new Graph()
  const tokens = graph.input('tokens', 'int32', ['rows', 'length'])
  const wanted = graph.input('wanted', 'int32', ['n'])
  const targets = graph.input('targets', 'int32', ['n'])

  const parameters = new Map(
    parametersOf(dimensions).map(({ name, shape, offset, size }) => {
      const values = weights.subarray(offset, offset + size)
      return [name, { shape, values, tensor: graph.initializer(`_${name}`, 'float32', shape, values) }]
    }),
  )
  const parameter = (name: string) => parameters.get(name)!.tensor
  const plain: Linear = (x, name) => product(graph, x, parameter(name))
  const quantized: Linear = (x, name) => {
    const { values, shape } = parameters.get(name)!
    return quantizedMatmul(graph, x, name, values, shape)
  }
  const hidden = scoringStates(graph, dimensions, { tokens, wanted }, parameter, options.int8 ? quantized : plain)
  const logits = options.int8
    ? quantizedMatmul(graph, hidden, 'head', transposed(parameters.get('embedding')!.values, width), [
        width,
        vocabulary,
      ])
    : product(graph, hidden, swapLast(graph, parameter('embedding')))
  const { loss, logProbabilities } = crossEntropy(graph, logits, targets)
  graph.output('nll', loss, ['n'])
  graph.output('log_probabilities', logProbabilities, ['n', vocabulary])
  return graph.encode('next_template')
}

function transposed(table: Float32Array, columns: number): Float32Array {
  const rows = table.length / columns
  const result = new Float32Array(table.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = table[i * columns + j]
  return result
}
