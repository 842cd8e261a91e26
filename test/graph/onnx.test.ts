import fc from 'fast-check'
import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Graph } from '../../src/graph/graph.ts'
import { add } from '../../src/graph/ops/elementwise.ts'
import { matmul } from '../../src/graph/ops/linear.ts'
import { readInitializers } from '../../src/graph/read.ts'
import { openSession } from '../../src/graph/session.ts'

/** y = x W + b with a free number of rows. */
function affine(): Uint8Array {
  const graph = new Graph()
  const x = graph.input('x', 'float32', ['rows', 3])
  const weights = graph.initializer('weights', 'float32', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
  const bias = graph.initializer('bias', 'float32', [2], Float32Array.of(0.5, -0.5))
  graph.output('y', add(graph, matmul(graph, x, weights), bias), ['rows', 2])
  return graph.encode('affine')
}

describe('an encoded graph', () => {
  it('is run by ONNX Runtime, for any size of a named dimension', async () => {
    const session = await openSession(affine())
    for (const rows of [1, 4]) {
      const { y } = await session.run({ x: new Tensor('float32', new Float32Array(rows * 3).fill(1), [rows, 3]) })
      expect([...(y.data as Float32Array)]).toEqual(Array.from({ length: rows }, () => [9.5, 11.5]).flat())
    }
    await session.release()
  })

  it('has the same bytes each time', () => {
    expect(Buffer.from(affine()).equals(Buffer.from(affine()))).toBe(true)
  })

  it('gives its weights back', () => {
    const stored = readInitializers(affine())
    expect(stored.get('weights')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(stored.get('bias')).toEqual(Float32Array.of(0.5, -0.5))
  })

  it('refuses shapes that do not fit while it is built', () => {
    const graph = new Graph()
    const a = graph.input('a', 'float32', [2, 3])
    expect(() => matmul(graph, a, a)).toThrow('Cannot multiply')
    expect(() => add(graph, a, graph.input('b', 'float32', [2, 4]))).toThrow('do not broadcast')
  })
})

describe('the reader of weights', () => {
  it('reads or refuses whatever it is given, and ends', () => {
    const model = affine()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(model.length),
        (edits, length) => {
          const damaged = model.slice(0, length)
          for (const [at, value] of edits) if (at < length) damaged[at] = value
          try {
            for (const values of readInitializers(damaged).values())
              expect(values.byteLength).toBeLessThanOrEqual(length)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
    )
  })

  it('refuses a model that was cut off', () => {
    expect(() => readInitializers(affine().slice(0, -5))).toThrow(RangeError)
  })
})
