import type { Graph, Tensor } from '../graph.ts'

/** Looks up rows of `table` [v, d] by `ids` [n]; the result is [n, d]. The run fails if an id is out of range. */
export function embedding(graph: Graph, table: Tensor, ids: Tensor): Tensor {
  const y = graph.emit('Gather', [table, ids], [...ids.shape, table.shape[1]], { attributes: { axis: { int: 0 } } })
  return graph.record(y, [table, ids], (dy) => [scatterRows(graph, table.shape, ids, dy), null])
}

/**
 * Adds row i of `rows` [n, d] to row ids[i] of a zero tensor of `shape` [v, d]. It uses ScatterElements, because ScatterND
 * with addition loses updates of repeated indices in ONNX Runtime with several threads.
 */
export function scatterRows(graph: Graph, shape: readonly number[], ids: Tensor, rows: Tensor): Tensor {
  const zeros = graph.emit('Expand', [graph.scalar(0), graph.integers(shape)], shape)
  const column = graph.emit('Unsqueeze', [ids, graph.integers([1])], [...ids.shape, 1])
  const indices = graph.emit('Expand', [column, graph.integers(rows.shape)], rows.shape)
  return graph.emit('ScatterElements', [zeros, indices, rows], shape, {
    attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
  })
}
