import type { Graph, Tensor } from './graph.ts'

export interface AdamWOptions {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Weight decay of each weight, relative to the learning rate, [n]; 0 for biases and gains. */
  readonly decay: Float32Array
  /** Maximum global norm of the gradient; longer gradients are scaled down. */
  readonly maxNorm: number
}

export interface AdamWState {
  readonly weights: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019, algorithm 2) on flat tensors [n]. The gradient is clipped by its global norm.
 * @param schedule scalars at step t: learning rate `rate`, `meanScale` = 1 / (1 - beta1^t), `varianceScale` = 1 / (1 - beta2^t)
 * @returns the new state, and the norm of the gradient before clipping
 */
export function adamW(
  graph: Graph,
  state: AdamWState,
  gradient: Tensor,
  schedule: { readonly rate: Tensor; readonly meanScale: Tensor; readonly varianceScale: Tensor },
  options: AdamWOptions,
): AdamWState & { readonly norm: Tensor } {
  const n = gradient.shape
  const op = (name: string, ...inputs: Tensor[]) => graph.emit(name, inputs, n)
  const scalar = (value: number) => graph.scalar(value)

  const squares = op('Mul', gradient, gradient)
  const total = graph.emit('ReduceSum', [squares], [], { attributes: { keepdims: { int: 0 } } })
  const norm = graph.emit('Sqrt', [total], [])
  const ratio = graph.emit('Div', [scalar(options.maxNorm), graph.emit('Max', [norm, scalar(1e-12)], [])], [])
  const clipped = op('Mul', gradient, graph.emit('Min', [ratio, scalar(1)], []))

  const mean = op('Add', op('Mul', state.mean, scalar(options.beta1)), op('Mul', clipped, scalar(1 - options.beta1)))
  const variance = op(
    'Add',
    op('Mul', state.variance, scalar(options.beta2)),
    op('Mul', op('Mul', clipped, clipped), scalar(1 - options.beta2)),
  )
  const deviation = op('Add', op('Sqrt', op('Mul', variance, schedule.varianceScale)), scalar(options.epsilon))
  const direction = op('Div', op('Mul', mean, schedule.meanScale), deviation)
  const decayed = op('Add', direction, op('Mul', state.weights, graph.reals(options.decay, n)))
  return { weights: op('Sub', state.weights, op('Mul', decayed, schedule.rate)), mean, variance, norm }
}
