import type { Graph, Tensor } from '../graph.ts'

/** Matrix products and changes of shape, each with its gradient. */

/** a [..., n, k] times b [..., k, m]. Both have the same rank and the same leading sizes. */
export function matmul(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const y = product(graph, a, b)
  return graph.record(y, [a, b], (dy) => [
    product(graph, dy, swapLast(graph, b)),
    product(graph, swapLast(graph, a), dy),
  ])
}

/** Permutes the axes: axis i of the result is axis order[i] of x. */
export function transpose(graph: Graph, x: Tensor, order: readonly number[]): Tensor {
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return graph.record(permute(graph, x, order), [x], (dy) => [permute(graph, dy, inverse)])
}

/** One size may be -1; it is computed at run time. */
export function reshape(graph: Graph, x: Tensor, shape: readonly number[]): Tensor {
  const y = graph.emit('Reshape', [x, graph.integers(shape)], shape)
  return graph.record(y, [x], (dy) => [graph.emit('Reshape', [dy, graph.integers(x.shape)], x.shape)])
}

/** Softmax over the last axis: dx = y (dy - sum(dy y)). */
export function softmax(graph: Graph, x: Tensor): Tensor {
  const y = graph.emit('Softmax', [x], x.shape, { attributes: { axis: { int: -1 } } })
  return graph.record(y, [x], (dy) => {
    const reduced = [...x.shape.slice(0, -1), 1]
    const inner = graph.emit('ReduceSum', [graph.emit('Mul', [dy, y], x.shape), graph.integers([-1])], reduced, {
      attributes: { keepdims: { int: 1 } },
    })
    return [graph.emit('Mul', [y, graph.emit('Sub', [dy, inner], x.shape)], x.shape)]
  })
}

/** A matrix product that is not recorded on the tape, for use in gradients. @throws Error if the shapes do not match */
export function product(graph: Graph, a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== b.shape.length || a.shape.at(-1) !== b.shape.at(-2)) {
    throw new Error(`Cannot multiply [${a.shape}] by [${b.shape}].`)
  }
  return graph.emit('MatMul', [a, b], [...a.shape.slice(0, -1), b.shape.at(-1)!])
}

/** Swaps the last two axes. Not recorded on the tape. */
export function swapLast(graph: Graph, x: Tensor): Tensor {
  const order = x.shape.map((_, axis) => axis)
  const last = order.length - 1
  order[last] = last - 1
  order[last - 1] = last
  return permute(graph, x, order)
}

function permute(graph: Graph, x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis])
  return graph.emit('Transpose', [x], shape, { attributes: { perm: { ints: order } } })
}
