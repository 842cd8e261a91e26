import type { Graph, Tensor } from '../graph.ts'

const EPSILON = 1e-5

/**
 * Layer normalisation (Ba et al. 2016) over the last axis: y = gamma z + beta with z = (x - mean) / deviation.
 * x [n, d], gamma [d], beta [d]. With dz = dy gamma: dx = (dz - mean(dz) - z mean(dz z)) / deviation.
 * float32 uses the fused kernel of ONNX Runtime. float64 is composed of simple operations, because the fused kernel computes
 * its statistics in float32.
 */
export function layerNorm(graph: Graph, x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { y, mean, inverse } = graph.real === 'float32' ? fused(graph, x, gamma, beta) : plain(graph, x, gamma, beta)
  return graph.record(y, [x, gamma, beta], (dy) => {
    const z = graph.emit('Mul', [graph.emit('Sub', [x, mean], x.shape), inverse], x.shape)
    const dz = graph.emit('Mul', [dy, gamma], x.shape)
    const along = meanOfRows(graph, graph.emit('Mul', [dz, z], x.shape))
    const centred = graph.emit('Sub', [dz, meanOfRows(graph, dz)], x.shape)
    const inner = graph.emit('Sub', [centred, graph.emit('Mul', [z, along], x.shape)], x.shape)
    return [
      graph.emit('Mul', [inner, inverse], x.shape),
      sumOfColumns(graph, graph.emit('Mul', [dy, z], x.shape)),
      sumOfColumns(graph, dy),
    ]
  })
}

interface Normalised {
  readonly y: Tensor
  /** [n, 1] */
  readonly mean: Tensor
  /** One over the standard deviation, [n, 1]. */
  readonly inverse: Tensor
}

function fused(graph: Graph, x: Tensor, gamma: Tensor, beta: Tensor): Normalised {
  const column = [...x.shape.slice(0, -1), 1]
  const [y, mean, inverse] = graph.emitAll(
    'LayerNormalization',
    [x, gamma, beta],
    [
      { shape: x.shape, type: x.type },
      { shape: column, type: x.type },
      { shape: column, type: x.type },
    ],
    { attributes: { axis: { int: -1 }, epsilon: { float: EPSILON } } },
  )
  return { y, mean, inverse }
}

function plain(graph: Graph, x: Tensor, gamma: Tensor, beta: Tensor): Normalised {
  const mean = meanOfRows(graph, x)
  const centred = graph.emit('Sub', [x, mean], x.shape)
  const variance = meanOfRows(graph, graph.emit('Mul', [centred, centred], x.shape))
  const shifted = graph.emit('Add', [variance, graph.scalar(EPSILON)], mean.shape)
  const inverse = graph.emit('Reciprocal', [graph.emit('Sqrt', [shifted], mean.shape)], mean.shape)
  const z = graph.emit('Mul', [centred, inverse], x.shape)
  const y = graph.emit('Add', [graph.emit('Mul', [z, gamma], x.shape), beta], x.shape)
  return { y, mean, inverse }
}

function meanOfRows(graph: Graph, x: Tensor): Tensor {
  return graph.emit('ReduceMean', [x, graph.integers([-1])], [...x.shape.slice(0, -1), 1], {
    attributes: { keepdims: { int: 1 } },
  })
}

function sumOfColumns(graph: Graph, x: Tensor): Tensor {
  return graph.emit('ReduceSum', [x, graph.integers([0])], x.shape.slice(1), { attributes: { keepdims: { int: 0 } } })
}
