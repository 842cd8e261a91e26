import type { Graph, Tensor } from '../../graph/graph.ts'
import { add, scale, silu } from '../../graph/ops/elementwise.ts'
import { embedding } from '../../graph/ops/embedding.ts'
import { layerNorm } from '../../graph/ops/layer-norm.ts'
import { matmul, reshape, softmax, transpose } from '../../graph/ops/linear.ts'
import type { Dimensions } from './parameters.ts'

/**
 * The network for training: a causal pre-norm transformer (Vaswani et al. 2017; Radford et al. 2019) with learned position
 * embeddings. A row may hold pieces of several sessions, called segments. A position attends to itself and to earlier
 * positions of its own segment.
 *
 * Sizes: b rows, t = context, n = b t positions, d = width, h heads of size d/h.
 */
export interface NetworkInputs {
  /** Token ids, [b, t]. */
  readonly tokens: Tensor
  /** Position of each token in its window, from 0, [b, t]. */
  readonly positions: Tensor
  /** Segment of each token, [b, t]. */
  readonly segments: Tensor
}

/** Returns a parameter by its name in `parameters.ts`. */
export type Parameters = (name: string) => Tensor
type Linear = (x: Tensor, name: string) => Tensor

/** The normalised last hidden state of every position, [n, d]. */
export function hiddenStates(
  graph: Graph,
  dimensions: Dimensions,
  inputs: NetworkInputs,
  parameters: Parameters,
): Tensor {
  const n = inputs.tokens.shape[0] * dimensions.context
  const linear: Linear = (x, name) => matmul(graph, x, parameters(name))
  const flat = (ids: Tensor) => graph.emit('Reshape', [ids, graph.integers([n])], [n])
  const mask = attentionMask(graph, dimensions.context, inputs.segments)
  const norm = (x: Tensor, name: string) => layerNorm(graph, x, parameters(`${name}.gain`), parameters(`${name}.bias`))

  const tokens = embedding(graph, parameters('embedding'), flat(inputs.tokens))
  let x = add(graph, tokens, embedding(graph, parameters('position'), flat(inputs.positions)))
  for (let layer = 0; layer < dimensions.layers; layer++) {
    const attended = attention(graph, dimensions, norm(x, `${layer}.norm1`), mask, layer, linear)
    x = add(graph, x, attended)
    const inner = add(graph, linear(norm(x, `${layer}.norm2`), `${layer}.up`), parameters(`${layer}.up.bias`))
    const outer = add(graph, linear(silu(graph, inner), `${layer}.down`), parameters(`${layer}.down.bias`))
    x = add(graph, x, outer)
  }
  return norm(x, 'norm')
}

/** Scaled dot-product attention of h heads, [n, d] to [n, d]. */
function attention(
  graph: Graph,
  { context, heads, width }: Dimensions,
  x: Tensor,
  mask: Tensor,
  layer: number,
  linear: Linear,
): Tensor {
  const rows = x.shape[0] / context
  const size = width / heads
  // [n, d] -> [b, t, h, d/h] -> [b, h, t, d/h]
  const split = (name: string) =>
    transpose(graph, reshape(graph, linear(x, `${layer}.${name}`), [rows, context, heads, size]), [0, 2, 1, 3])
  const keys = transpose(graph, split('key'), [0, 1, 3, 2])
  const scores = scale(graph, matmul(graph, split('query'), keys), 1 / Math.sqrt(size)) // [b, h, t, t]
  const weights = softmax(graph, add(graph, scores, mask))
  const mixed = transpose(graph, matmul(graph, weights, split('value')), [0, 2, 1, 3]) // [b, t, h, d/h]
  return linear(reshape(graph, mixed, [x.shape[0], width]), `${layer}.output`)
}

/** 0 where a position may attend, -1e9 elsewhere, [b, 1, t, t]. It is not on the tape, so no gradient flows through it. */
function attentionMask(graph: Graph, context: number, segments: Tensor): Tensor {
  const rows = segments.shape[0]
  const square = [rows, context, context]
  const column = graph.emit('Unsqueeze', [segments, graph.integers([2])], [rows, context, 1])
  const row = graph.emit('Unsqueeze', [segments, graph.integers([1])], [rows, 1, context])
  const same = graph.emit('Equal', [column, row], square, { type: 'bool' })
  const triangle = Uint8Array.from({ length: context * context }, (_, i) => (i % context <= i / context ? 1 : 0))
  const causal = graph.initializer('_causal', 'bool', [1, context, context], triangle)
  const allowed = graph.emit('And', [same, causal], square)
  const mask = graph.emit('Where', [allowed, graph.scalar(0), graph.scalar(-1e9)], square, { type: graph.real })
  return graph.emit('Unsqueeze', [mask, graph.integers([1])], [rows, 1, context, context])
}
