import { Tensor } from 'onnxruntime-node'
import { seeded } from '../../../src/core/random.ts'
import { Graph } from '../../../src/graph/graph.ts'
import { scatterRows } from '../../../src/graph/ops/embedding.ts'
import { openSession } from '../../../src/graph/session.ts'

const ROWS = 4096
const TABLE = 16
const WIDTH = 64

/**
 * The largest difference between the graph's sum of rows by id, with two threads and every id repeated some 256 times,
 * and a plain loop. The values are whole numbers, so that the order of addition does not matter: only 0 is right.
 */
export async function scatterDifference(seed: number): Promise<number> {
  const random = seeded(seed)
  const ids = Int32Array.from({ length: ROWS }, () => Math.floor(random() * TABLE))
  const values = Float32Array.from({ length: ROWS * WIDTH }, () => Math.floor(random() * 16))
  const expected = new Float32Array(TABLE * WIDTH)
  for (let i = 0; i < values.length; i++) {
    expected[ids[Math.floor(i / WIDTH)] * WIDTH + (i % WIDTH)] += values[i]
  }

  const graph = new Graph()
  const index = graph.input('ids', 'int32', [ROWS])
  const rows = graph.input('rows', 'float32', [ROWS, WIDTH])
  graph.output('sum', scatterRows(graph, [TABLE, WIDTH], index, rows))
  const session = await openSession(graph.encode('scatter'), { threads: 2 })
  try {
    const { sum } = await session.run({
      ids: new Tensor('int32', ids, [ROWS]),
      rows: new Tensor('float32', values, [ROWS, WIDTH]),
    })
    return (sum.data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0)
  } finally {
    await session.release()
  }
}
