import type { Graph, Tensor } from '../../../graph/graph.ts'

export interface QuantizedMatrix {
  /** [k, m] */
  readonly values: Int8Array
  /** Per column: weight = scale * value. */
  readonly scales: Float32Array
}

/** Symmetric 8-bit quantisation of a matrix [rows, columns], with one scale per column. */
export function quantize(weights: Float32Array, rows: number, columns: number): QuantizedMatrix {
  const values = new Int8Array(rows * columns)
  const scales = new Float32Array(columns)
  for (let column = 0; column < columns; column++) {
    let largest = 0
    for (let i = column; i < weights.length; i += columns) largest = Math.max(largest, Math.abs(weights[i]))
    scales[column] = largest === 0 ? 1 : largest / 127
    for (let i = column; i < weights.length; i += columns) values[i] = Math.round(weights[i] / scales[column])
  }
  return { values, scales }
}

/** x [n, k] times a quantised matrix [k, m]. The runtime quantises x with one scale for the whole batch. */
export function quantizedMatmul(
  graph: Graph,
  x: Tensor,
  name: string,
  weights: Float32Array,
  shape: readonly number[],
) {
  const [rows, columns] = shape
  const { values, scales } = quantize(weights, rows, columns)
  const matrix = graph.initializer(`_${name}.int8`, 'int8', shape, values)
  const scale = graph.initializer(`_${name}.scale`, 'float32', [columns], scales)
  return graph.emit('DynamicQuantizeMatMul', [x, matrix, scale], [x.shape[0], columns], { domain: 'com.microsoft' })
}
