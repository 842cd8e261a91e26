import type { Graph, Tensor } from '../../../graph/graph.ts'
import type { Parameters } from '../network.ts'
import type { Dimensions } from '../parameters.ts'

const EPSILON = 1e-5

/** x [n, k] times the named parameter [k, m], plain or quantised. */
export type Linear = (x: Tensor, name: string) => Tensor

export interface ScoringInputs {
  /** Token ids, [b, t]. */
  readonly tokens: Tensor
  /** Positions to predict from, as indices of the flat tokens, [wanted]. */
  readonly wanted: Tensor
}

/**
 * The forward pass of `network.ts` for scoring. Each row holds one window from its first position on, so the causal mask is
 * the only one, and short windows cost less. Everything after the last attention is computed for the wanted positions
 * only.
 *
 * Sizes: b rows, t positions, n = b t, d = width, h heads of size d/h. b and t are known only at run time.
 * @returns the normalised last hidden state of each wanted position, [wanted, d]
 */
export function scoringStates(
  graph: Graph,
  dimensions: Dimensions,
  { tokens, wanted }: ScoringInputs,
  parameters: Parameters,
  linear: Linear,
): Tensor {
  const { width, layers, heads } = dimensions
  const add = (a: Tensor, b: Tensor) => graph.emit('Add', [a, b], a.shape)
  const bias = (x: Tensor, name: string) => add(linear(x, name), parameters(`${name}.bias`))
  const norm = (x: Tensor, name: string) =>
    graph.emit('LayerNormalization', [x, parameters(`${name}.gain`), parameters(`${name}.bias`)], x.shape, {
      attributes: { axis: { int: -1 }, epsilon: { float: EPSILON } },
    })

  const length = lengthOf(graph, tokens)
  const parts = [graph.integers([-1]), length, graph.integers([width])]
  const rows = graph.emit('Concat', parts, [3], { attributes: { axis: { int: 0 } } })
  let x = embedded(graph, tokens, length, parameters)
  for (let layer = 0; layer < layers; layer++) {
    const attend = norm(x, `${layer}.norm1`)
    const [query, key, value] = ['query', 'key', 'value'].map((name) =>
      graph.emit('Reshape', [linear(attend, `${layer}.${name}`), rows], [-1, -1, width]),
    )
    // The operation scales by 1 / sqrt(d/h) by default.
    const attended = graph.emit('Attention', [query, key, value], [-1, -1, width], {
      attributes: { q_num_heads: { int: heads }, kv_num_heads: { int: heads }, is_causal: { int: 1 } },
    })
    const mixed = graph.emit('Reshape', [attended, graph.integers([-1, width])], [-1, width])
    x = add(x, linear(mixed, `${layer}.output`))
    if (layer === layers - 1) x = graph.emit('Gather', [x, wanted], x.shape, { attributes: { axis: { int: 0 } } })
    const inner = bias(norm(x, `${layer}.norm2`), `${layer}.up`)
    const active = graph.emit('Mul', [inner, graph.emit('Sigmoid', [inner], inner.shape)], inner.shape)
    x = add(x, bias(active, `${layer}.down`))
  }
  return norm(x, 'norm')
}

/** Token embedding plus position embedding, [b, t] to [n, d]. */
function embedded(graph: Graph, tokens: Tensor, length: Tensor, parameters: Parameters): Tensor {
  const table = parameters('embedding')
  const width = table.shape[1]
  const shape = [-1, -1, width]
  const looked = graph.emit('Gather', [table, tokens], shape, { attributes: { axis: { int: 0 } } })
  const first = graph.integers([0])
  const places = graph.emit('Slice', [parameters('position'), first, length, first], [-1, width])
  const sum = graph.emit('Add', [looked, places], shape)
  return graph.emit('Reshape', [sum, graph.integers([-1, width])], [-1, width])
}

/** t as a tensor of one integer. */
function lengthOf(graph: Graph, tokens: Tensor): Tensor {
  const shape = graph.emit('Shape', [tokens], [2], { type: 'int64' })
  return graph.emit('Slice', [shape, graph.integers([1]), graph.integers([2])], [1])
}
