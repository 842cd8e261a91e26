import type { Graph, Tensor } from '../graph.ts'

/** Elementwise operations with NumPy broadcasting, each with its gradient. */

export function add(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const y = graph.emit('Add', [a, b], broadcast(a.shape, b.shape))
  return graph.record(y, [a, b], (dy) => [sumTo(graph, dy, a.shape), sumTo(graph, dy, b.shape)])
}

export function multiply(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const y = graph.emit('Mul', [a, b], broadcast(a.shape, b.shape))
  return graph.record(y, [a, b], (dy) => [
    sumTo(graph, graph.emit('Mul', [dy, b], y.shape), a.shape),
    sumTo(graph, graph.emit('Mul', [dy, a], y.shape), b.shape),
  ])
}

/** y = factor x */
export function scale(graph: Graph, x: Tensor, factor: number): Tensor {
  const constant = graph.scalar(factor)
  const y = graph.emit('Mul', [x, constant], x.shape)
  return graph.record(y, [x], (dy) => [graph.emit('Mul', [dy, constant], x.shape)])
}

/** SiLU (Elfwing et al. 2017): y = x s(x), dy/dx = s(x) + y (1 - s(x)). Forward pass and gradient have float64 kernels in ONNX Runtime. */
export function silu(graph: Graph, x: Tensor): Tensor {
  const s = graph.emit('Sigmoid', [x], x.shape)
  const y = graph.emit('Mul', [x, s], x.shape)
  return graph.record(y, [x], (dy) => {
    const rest = graph.emit('Sub', [graph.scalar(1), s], x.shape)
    const slope = graph.emit('Add', [s, graph.emit('Mul', [y, rest], x.shape)], x.shape)
    return [graph.emit('Mul', [dy, slope], x.shape)]
  })
}

/** The sum of all elements, a scalar. */
export function sum(graph: Graph, x: Tensor): Tensor {
  const y = graph.emit('ReduceSum', [x], [], { attributes: { keepdims: { int: 0 } } })
  return graph.record(y, [x], (dy) => [graph.emit('Expand', [dy, graph.integers(x.shape)], x.shape)])
}

/** Reverses broadcasting in a gradient: sums over the axes along which a tensor of `shape` was repeated. */
function sumTo(graph: Graph, gradient: Tensor, shape: readonly number[]): Tensor {
  const lead = gradient.shape.length - shape.length
  const axes = gradient.shape.map((_, axis) => axis).filter((axis) => axis < lead || repeated(axis))
  if (axes.length === 0) return gradient
  const kept = gradient.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const summed = graph.emit('ReduceSum', [gradient, graph.integers(axes)], kept, {
    attributes: { keepdims: { int: 1 } },
  })
  return lead === 0 ? summed : graph.emit('Reshape', [summed, graph.integers(shape)], shape)

  function repeated(axis: number): boolean {
    return shape[axis - lead] === 1 && gradient.shape[axis] !== 1
  }
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) throw new Error(`Shapes [${a}] and [${b}] do not broadcast.`)
    return left === 1 ? right : left
  })
}
