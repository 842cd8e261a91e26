import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { adamW } from '../../src/graph/adamw.ts'
import { Graph } from '../../src/graph/graph.ts'
import { openSession } from '../../src/graph/session.ts'

const OPTIONS = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, maxNorm: 1, decay: Float32Array.of(0.1, 0, 0.1) }
const RATE = 0.01

function optimiser(): Uint8Array {
  const graph = new Graph()
  const vector = (name: string) => graph.input(name, 'float32', [3])
  const scalar = (name: string) => graph.input(name, 'float32', [])
  const state = { weights: vector('w'), mean: vector('m'), variance: vector('v') }
  const schedule = { rate: scalar('rate'), meanScale: scalar('c1'), varianceScale: scalar('c2') }
  const next = adamW(graph, state, vector('g'), schedule, OPTIONS)
  graph.output('nw', next.weights)
  graph.output('nm', next.mean)
  graph.output('nv', next.variance)
  graph.output('norm', next.norm)
  return graph.encode('adamw')
}

/** Algorithm 2 of Loshchilov & Hutter 2019, as written there, after clipping. */
function reference(gradients: readonly number[][], start: readonly number[]) {
  const w = [...start]
  const m = [0, 0, 0]
  const v = [0, 0, 0]
  gradients.forEach((gradient, index) => {
    const t = index + 1
    const norm = Math.hypot(...gradient)
    gradient.forEach((value, i) => {
      const g = value * Math.min(1, OPTIONS.maxNorm / norm)
      m[i] = OPTIONS.beta1 * m[i] + (1 - OPTIONS.beta1) * g
      v[i] = OPTIONS.beta2 * v[i] + (1 - OPTIONS.beta2) * g * g
      const step = m[i] / (1 - OPTIONS.beta1 ** t) / (Math.sqrt(v[i] / (1 - OPTIONS.beta2 ** t)) + OPTIONS.epsilon)
      w[i] -= RATE * (step + OPTIONS.decay[i] * w[i])
    })
  })
  return w
}

describe('AdamW in a graph', () => {
  it('takes the steps of the published algorithm, with clipping and decay of chosen weights', async () => {
    const session = await openSession(optimiser())
    const gradients = [
      [0.1, -0.2, 0.3],
      [3, 4, 0],
      [0, 0, 0],
      [-0.5, 0.01, 2],
    ]
    let state = { w: Float32Array.of(1, -1, 0.5), m: new Float32Array(3), v: new Float32Array(3) }
    for (const [index, gradient] of gradients.entries()) {
      const vector = (data: Float32Array) => new Tensor('float32', data, [3])
      const scalar = (value: number) => new Tensor('float32', Float32Array.of(value), [])
      const result = await session.run({
        w: vector(state.w),
        m: vector(state.m),
        v: vector(state.v),
        g: vector(Float32Array.from(gradient)),
        rate: scalar(RATE),
        c1: scalar(1 / (1 - OPTIONS.beta1 ** (index + 1))),
        c2: scalar(1 / (1 - OPTIONS.beta2 ** (index + 1))),
      })
      expect((result.norm.data as Float32Array)[0]).toBeCloseTo(Math.hypot(...gradient), 5)
      const data = (name: string) => (result[name].data as Float32Array).slice()
      state = { w: data('nw'), m: data('nm'), v: data('nv') }
    }
    reference(gradients, [1, -1, 0.5]).forEach((weight, i) => {
      expect(state.w[i]).toBeCloseTo(weight, 5)
    })
    await session.release()
  })
})
