import type { Graph, Tensor } from '../../graph/graph.ts'
import type { Parameters } from './network.ts'
import type { Dimensions } from './parameters.ts'

const EPSILON = 1e-5

/** x [n, k] times the parameters of these names [k, m] side by side; quantised scoring replaces it. */
export type Linear = (x: Tensor, ...names: readonly string[]) => Tensor

export interface ScoringInputs {
  /** Token ids, [b, t]. */
  readonly tokens: Tensor
  /** The positions whose predictions are wanted, as indices of the n. */
  readonly wanted: Tensor
}

/**
 * The forward pass of `network.ts` for scoring: any number of rows of any length up to the context, one window in each
 * from its first position on. So it needs no mask but the causal one, and a short window costs what it is long. Queries,
 * keys and values are one product. What comes after the last attention is computed for the wanted positions alone.
 *
 * Sizes: b rows, t positions, n = b t, d = width, h heads, d/h each. b and t are known when it runs.
 * @returns the last hidden state of each wanted position, normalised: [wanted, d]
 */
export function scoringStates(
  graph: Graph,
  dimensions: Dimensions,
  { tokens, wanted }: ScoringInputs,
  parameters: Parameters,
  linear: Linear,
): Tensor {
  const { context, width, layers, heads } = dimensions
  const add = (a: Tensor, b: Tensor) => graph.emit('Add', [a, b], a.shape)
  const bias = (x: Tensor, name: string) => add(linear(x, name), parameters(`${name}.bias`))
  const norm = (x: Tensor, name: string) =>
    graph.emit('LayerNormalization', [x, parameters(`${name}.gain`), parameters(`${name}.bias`)], x.shape, {
      attributes: { axis: { int: -1 }, epsilon: { float: EPSILON } },
    })

  const length = lengthOf(graph, tokens)
  const mask = causalMask(graph, context, length)
  const parts = [graph.integers([-1]), length, graph.integers([3, heads, width / heads])]
  const split = graph.emit('Concat', parts, [5], { attributes: { axis: { int: 0 } } })
  let x = embedded(graph, tokens, length, parameters)
  for (let layer = 0; layer < layers; layer++) {
    const attend = norm(x, `${layer}.norm1`)
    const joined = linear(attend, `${layer}.query`, `${layer}.key`, `${layer}.value`)
    x = add(x, linear(attention(graph, dimensions, joined, split, mask), `${layer}.output`))
    if (layer === layers - 1) x = graph.emit('Gather', [x, wanted], x.shape, { attributes: { axis: { int: 0 } } })
    const inner = bias(norm(x, `${layer}.norm2`), `${layer}.up`)
    const active = graph.emit('Mul', [inner, graph.emit('Sigmoid', [inner], inner.shape)], inner.shape)
    x = add(x, bias(active, `${layer}.down`))
  }
  return norm(x, 'norm')
}

/** [b, t] to [n, d]: what each token is, and its place in its window. */
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

/** Queries, keys and values [n, 3 d] to [n, d]. `split` is the shape [b, t, 3, h, d/h]. */
function attention(graph: Graph, { heads, width }: Dimensions, joined: Tensor, split: Tensor, mask: Tensor): Tensor {
  const size = width / heads
  const turn = (x: Tensor, order: readonly number[]) =>
    graph.emit(
      'Transpose',
      [x],
      order.map((axis) => x.shape[axis]),
      { attributes: { perm: { ints: order } } },
    )
  // [n, 3 d] -> [b, t, 3, h, d/h] -> [3, b, h, t, d/h]
  const turned = turn(graph.emit('Reshape', [joined, split], [-1, -1, 3, heads, size]), [2, 0, 3, 1, 4])
  const one = { shape: [1, -1, heads, -1, size], type: joined.type }
  const [query, key, value] = graph
    .emitAll('Split', [turned, graph.integers([1, 1, 1])], [one, one, one], { attributes: { axis: { int: 0 } } })
    .map((part) => graph.emit('Squeeze', [part, graph.integers([0])], [-1, heads, -1, size]))
  const scores = [-1, heads, -1, -1]
  const product = graph.emit('MatMul', [query, turn(key, [0, 1, 3, 2])], scores)
  const scaled = graph.emit('Mul', [product, graph.scalar(1 / Math.sqrt(size))], scores)
  const weights = graph.emit('Softmax', [graph.emit('Add', [scaled, mask], scores)], scores, {
    attributes: { axis: { int: -1 } },
  })
  const mixed = turn(graph.emit('MatMul', [weights, value], [-1, heads, -1, size]), [0, 2, 1, 3])
  return graph.emit('Reshape', [mixed, graph.integers([-1, width])], [-1, width])
}

/** t as a tensor of one integer. */
function lengthOf(graph: Graph, tokens: Tensor): Tensor {
  const shape = graph.emit('Shape', [tokens], [2], { type: 'int64' })
  return graph.emit('Slice', [shape, graph.integers([1]), graph.integers([2])], [1])
}

/** 0 where a position may attend, a large negative number where not, [1, 1, t, t]. */
function causalMask(graph: Graph, context: number, length: Tensor): Tensor {
  const triangle = Float32Array.from({ length: context * context }, (_, i) => (i % context <= i / context ? 0 : -1e9))
  const whole = graph.reals(triangle, [1, 1, context, context])
  const ends = graph.emit('Concat', [length, length], [2], { attributes: { axis: { int: 0 } } })
  return graph.emit('Slice', [whole, graph.integers([0, 0]), ends, graph.integers([2, 3])], [1, 1, -1, -1])
}
