import { averagePathLength, type Forest } from './forest.ts'
import { Walker } from './walker.ts'

const WALKERS = new WeakMap<Forest, Walker>()

/** Anomaly score of each row, 2^(-E(h(x)) / c(psi)) (equation 2 of the paper): near 1 anomalous, 0.5 and below normal. */
export function scoreForest(forest: Forest, data: Float32Array, rows: number): Float32Array {
  const lengths = pathLengths(forest, data, rows)
  const scale = -1 / (averagePathLength(forest.sample) || 1)
  for (let i = 0; i < rows; i++) lengths[i] = 2 ** (lengths[i] * scale)
  return lengths
}

/** Mean path length E(h(x)) of each row over the trees. */
export function pathLengths(forest: Forest, data: Float32Array, rows: number): Float32Array {
  let walker = WALKERS.get(forest)
  if (walker === undefined) {
    walker = new Walker(forest)
    WALKERS.set(forest, walker)
  }
  return walker.pathLengths(data, rows)
}
