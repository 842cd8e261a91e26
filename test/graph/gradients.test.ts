import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { gradients } from '../../src/graph/gradients.ts'
import { Graph, type Tensor as Value } from '../../src/graph/graph.ts'
import { linearCrossEntropy } from '../../src/graph/ops/cross-entropy.ts'
import { add, multiply, scale, silu, sum } from '../../src/graph/ops/elementwise.ts'
import { embedding } from '../../src/graph/ops/embedding.ts'
import { layerNorm } from '../../src/graph/ops/layer-norm.ts'
import { matmul, reshape, softmax, transpose } from '../../src/graph/ops/linear.ts'
import { openSession } from '../../src/graph/session.ts'

const STEP = 1e-5

/** The largest difference between the graph's gradients and central differences, over every number of every input. */
async function largestError(shapes: readonly (readonly number[])[], build: (graph: Graph, x: Value[]) => Value) {
  const graph = new Graph('float64')
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, 'float64', shape))
  const y = build(graph, inputs)
  // A weighted sum, so that no two elements of y are worth the same.
  const weights = Array.from({ length: size(y.shape) }, (_, i) => 1 + Math.sin(i))
  const loss = sum(graph, multiply(graph, y, graph.reals(weights, y.shape)))
  graph.output('loss', loss)
  gradients(graph, loss, inputs).forEach((gradient, i) => {
    expect(gradient.shape).toEqual(shapes[i])
    graph.output(`g${i}`, gradient)
  })
  const session = await openSession(graph.encode('check'))

  const random = seeded(3)
  const values = shapes.map((shape) => Float64Array.from({ length: size(shape) }, () => 2 * random() - 1))
  const run = () =>
    session.run(Object.fromEntries(values.map((data, i) => [`x${i}`, new Tensor('float64', data, shapes[i])])))
  const lossNow = async () => ((await run()).loss.data as Float64Array)[0]
  const results = await run()
  let largest = 0
  for (const [i, data] of values.entries()) {
    const gradient = results[`g${i}`].data as Float64Array
    for (let j = 0; j < data.length; j++) {
      const value = data[j]
      data[j] = value + STEP
      const above = await lossNow()
      data[j] = value - STEP
      const below = await lossNow()
      data[j] = value
      largest = Math.max(largest, Math.abs(gradient[j] - (above - below) / (2 * STEP)))
    }
  }
  await session.release()
  return largest
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1)
}

const ids = (graph: Graph, values: readonly number[]) =>
  graph.initializer('ids', 'int32', [values.length], Int32Array.from(values))

describe('gradients agree with central differences', () => {
  const cases: [string, number[][], (graph: Graph, x: Value[]) => Value][] = [
    ['of a sum with broadcasting', [[2, 3, 4], [4]], (g, [a, b]) => add(g, a, b)],
    [
      'of a sum along an axis of size one',
      [
        [2, 3],
        [2, 1],
      ],
      (g, [a, b]) => add(g, a, b),
    ],
    ['of a product with broadcasting', [[3, 4], [4]], (g, [a, b]) => multiply(g, a, b)],
    ['of a tensor that is used twice', [[3]], (g, [a]) => multiply(g, a, scale(g, a, 3))],
    ['of SiLU', [[5]], (g, [a]) => silu(g, a)],
    [
      'of a matrix product',
      [
        [2, 3],
        [3, 4],
      ],
      (g, [a, b]) => matmul(g, a, b),
    ],
    [
      'of a batched matrix product',
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
      (g, [a, b]) => matmul(g, a, b),
    ],
    ['of a transposition', [[2, 3, 4]], (g, [a]) => transpose(g, a, [2, 0, 1])],
    ['of a reshape', [[2, 6]], (g, [a]) => reshape(g, a, [3, 4])],
    ['of a softmax', [[3, 4]], (g, [a]) => softmax(g, a)],
    ['of a layer normalisation', [[3, 4], [4], [4]], (g, [x, gain, bias]) => layerNorm(g, x, gain, bias)],
    ['of an embedding with repeated ids', [[5, 3]], (g, [table]) => embedding(g, table, ids(g, [1, 4, 1, 1]))],
    [
      'of a tied linear layer with cross-entropy',
      [
        [4, 3],
        [5, 3],
      ],
      (g, [hidden, table]) => linearCrossEntropy(g, hidden, table, ids(g, [0, 2, 2, 4])).loss,
    ],
  ]
  it.each(cases)('%s', async (_, shapes, build) => {
    expect(await largestError(shapes, build)).toBeLessThan(1e-8)
  })
})

describe('a gradient', () => {
  it('is refused for a parameter that the loss does not depend on', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2])]
    expect(() => gradients(graph, sum(graph, a), [a, b])).toThrow('does not depend on the parameter b')
  })
})
