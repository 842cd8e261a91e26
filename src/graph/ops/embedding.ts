import type { Graph, Tensor } from '../graph.ts'

/** Rows of `table` [v, d] by `ids` [n], giving [n, d]. An id out of range rejects the run. */
export function embedding(graph: Graph, table: Tensor, ids: Tensor): Tensor {
  const y = graph.emit('Gather', [table, ids], [...ids.shape, table.shape[1]], { attributes: { axis: { int: 0 } } })
  return graph.record(y, [table, ids], (dy) => [scatterRows(graph, table.shape, ids, dy), null])
}

/**
 * Zeros of `shape` [v, d] with row i of `rows` [n, d] added to row ids[i]. ScatterElements, because ONNX Runtime's
 * ScatterND with addition loses updates to a repeated index when it runs on more than one thread.
 */
export function scatterRows(graph: Graph, shape: readonly number[], ids: Tensor, rows: Tensor): Tensor {
  const zeros = graph.emit('Expand', [graph.scalar(0), graph.integers(shape)], shape)
  const column = graph.emit('Unsqueeze', [ids, graph.integers([1])], [...ids.shape, 1])
  const indices = graph.emit('Expand', [column, graph.integers(rows.shape)], rows.shape)
  return graph.emit('ScatterElements', [zeros, indices, rows], shape, {
    attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
  })
}
