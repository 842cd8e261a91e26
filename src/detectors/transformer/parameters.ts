import type { Random } from '../../core/random.ts'

/** Sizes of the network. */
export interface Dimensions {
  /** Number of tokens, including the special ones. */
  readonly vocabulary: number
  /** Maximum number of tokens in a window. */
  readonly context: number
  /** Size of a hidden state (d_model). */
  readonly width: number
  readonly layers: number
  /** Attention heads; divides `width`. */
  readonly heads: number
  /** Size of the inner feed-forward layer. */
  readonly inner: number
}

export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  /** Index of its first value in the flat array of all parameters. */
  readonly offset: number
  readonly size: number
  /** Initial values: normally distributed with this standard deviation, or constant. */
  readonly start: { readonly deviation: number } | { readonly value: number }
}

/** All parameters in the order of the flat array. The output layer shares the weights of the embedding. */
export function parametersOf({ vocabulary, context, width, layers, heads, inner }: Dimensions): Parameter[] {
  if (width % heads !== 0) throw new RangeError(`The width ${width} is not a multiple of the ${heads} heads.`)
  const parameters: Parameter[] = []
  const put = (name: string, shape: readonly number[], start: Parameter['start']) => {
    const last = parameters.at(-1)
    const offset = last === undefined ? 0 : last.offset + last.size
    parameters.push({ name, shape, offset, size: shape.reduce((a, b) => a * b, 1), start })
  }
  const matrix = { deviation: 0.02 }
  // Layers that write to the residual stream start smaller, so its variance does not grow with depth (Radford et al. 2019).
  const residual = { deviation: 0.02 / Math.sqrt(2 * layers) }
  const norm = (name: string) => {
    put(`${name}.gain`, [width], { value: 1 })
    put(`${name}.bias`, [width], { value: 0 })
  }

  put('embedding', [vocabulary, width], matrix)
  put('position', [context, width], matrix)
  for (let layer = 0; layer < layers; layer++) {
    norm(`${layer}.norm1`)
    for (const name of ['query', 'key', 'value']) put(`${layer}.${name}`, [width, width], matrix)
    put(`${layer}.output`, [width, width], residual)
    norm(`${layer}.norm2`)
    put(`${layer}.up`, [width, inner], matrix)
    put(`${layer}.up.bias`, [inner], { value: 0 })
    put(`${layer}.down`, [inner, width], residual)
    put(`${layer}.down.bias`, [width], { value: 0 })
  }
  norm('norm')
  return parameters
}

export function countOf(parameters: readonly Parameter[]): number {
  const last = parameters[parameters.length - 1]
  return last.offset + last.size
}

export function initialise(parameters: readonly Parameter[], random: Random): Float32Array {
  const weights = new Float32Array(countOf(parameters))
  for (const { offset, size, start } of parameters) {
    for (let i = offset; i < offset + size; i++) {
      weights[i] = 'value' in start ? start.value : start.deviation * normal(random)
    }
  }
  return weights
}

/** A standard normal number (Box & Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
