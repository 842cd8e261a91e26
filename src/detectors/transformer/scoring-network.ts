import type { Graph, Tensor } from '../../graph/graph.ts'
import type { Parameters } from './network.ts'
import type { Dimensions } from './parameters.ts'

const EPSILON = 1e-5

/** x [..., k] times the parameters of these names [k, m] side by side; quantised scoring replaces it. */
export type Linear = (x: Tensor, ...names: readonly string[]) => Tensor

/**
 * The forward pass of `network.ts` for scoring: any number of rows of any length up to the context, one window in each
 * from its first position on. So it needs no mask but the causal one, and a short window costs what it is long. Queries,
 * keys and values are one product.
 *
 * Sizes: b rows, t positions, d = width, h heads, d/h each. b and t are known when it runs.
 */
export function scoringStates(
  graph: Graph,
  dimensions: Dimensions,
  tokens: Tensor,
  parameters: Parameters,
  linear: Linear,
): Tensor {
  const { width, layers } = dimensions
  const shape = [-1, -1, width]
  const add = (a: Tensor, b: Tensor) => graph.emit('Add', [a, b], a.shape)
  const norm = (x: Tensor, name: string) =>
    graph.emit('LayerNormalization', [x, parameters(`${name}.gain`), parameters(`${name}.bias`)], shape, {
      attributes: { axis: { int: -1 }, epsilon: { float: EPSILON } },
    })

  const length = lengthOf(graph, tokens)
  const mask = causalMask(graph, dimensions.context, length)
  const looked = graph.emit('Gather', [parameters('embedding'), tokens], shape, { attributes: { axis: { int: 0 } } })
  const positions = graph.emit(
    'Slice',
    [parameters('position'), graph.integers([0]), length, graph.integers([0])],
    [-1, width],
  )
  let x = add(looked, positions)
  for (let layer = 0; layer < layers; layer++) {
    x = add(x, attention(graph, dimensions, norm(x, `${layer}.norm1`), mask, layer, linear))
    const inner = add(linear(norm(x, `${layer}.norm2`), `${layer}.up`), parameters(`${layer}.up.bias`))
    const active = graph.emit('Mul', [inner, graph.emit('Sigmoid', [inner], inner.shape)], inner.shape)
    x = add(x, add(linear(active, `${layer}.down`), parameters(`${layer}.down.bias`)))
  }
  return norm(x, 'norm')
}

/** [b, t, d] to [b, t, d]. */
function attention(
  graph: Graph,
  { heads, width }: Dimensions,
  x: Tensor,
  mask: Tensor,
  layer: number,
  linear: Linear,
): Tensor {
  const size = width / heads
  const scores = [-1, heads, -1, -1]
  // [b, t, 3 d] -> [b, t, 3, h, d/h] -> [3, b, h, t, d/h]
  const all = graph.emit(
    'Reshape',
    [linear(x, `${layer}.query`, `${layer}.key`, `${layer}.value`), graph.integers([0, 0, 3, heads, size])],
    [-1, -1, 3, heads, size],
  )
  const turned = graph.emit('Transpose', [all], [3, -1, heads, -1, size], {
    attributes: { perm: { ints: [2, 0, 3, 1, 4] } },
  })
  const one = { shape: [1, -1, heads, -1, size], type: x.type }
  const [query, key, value] = graph
    .emitAll('Split', [turned, graph.integers([1, 1, 1])], [one, one, one], { attributes: { axis: { int: 0 } } })
    .map((part) => graph.emit('Squeeze', [part, graph.integers([0])], [-1, heads, -1, size]))
  const keys = graph.emit('Transpose', [key], [-1, heads, size, -1], { attributes: { perm: { ints: [0, 1, 3, 2] } } })
  const product = graph.emit('MatMul', [query, keys], scores)
  const scaled = graph.emit('Mul', [product, graph.scalar(1 / Math.sqrt(size))], scores)
  const masked = graph.emit('Add', [scaled, mask], scores)
  const weights = graph.emit('Softmax', [masked], scores, { attributes: { axis: { int: -1 } } })
  const mixed = graph.emit('MatMul', [weights, value], [-1, heads, -1, size])
  const back = graph.emit('Transpose', [mixed], [-1, -1, heads, size], { attributes: { perm: { ints: [0, 2, 1, 3] } } })
  return linear(graph.emit('Reshape', [back, graph.integers([0, 0, width])], x.shape), `${layer}.output`)
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
