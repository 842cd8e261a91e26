import type { Graph, Tensor } from '../graph.ts'
import { scatterRows } from './embedding.ts'
import { product, swapLast } from './linear.ts'

export interface CrossEntropy {
  /** Negative log-likelihood of each target in nats, [n]. */
  readonly loss: Tensor
  /** Log-probability of every class, [n, v]. */
  readonly logProbabilities: Tensor
}

/**
 * A linear layer with tied weights, and the cross-entropy of its softmax: hidden [n, d], table [v, d], targets [n]. With
 * the probabilities P and the gradient g of each loss,
 *   d hidden = g (P table - table[target])
 *   d table  = P^T (g hidden) - scatter(target, g hidden)
 * so the matrix (P - one-hot) is never stored.
 */
export function linearCrossEntropy(graph: Graph, hidden: Tensor, table: Tensor, targets: Tensor): CrossEntropy {
  const { loss, logProbabilities } = crossEntropy(graph, product(graph, hidden, swapLast(graph, table)), targets)
  graph.record(loss, [hidden, table, targets], (dy) => {
    const g = graph.emit('Unsqueeze', [dy, graph.integers([1])], [hidden.shape[0], 1])
    const probabilities = graph.emit('Exp', [logProbabilities], logProbabilities.shape)
    const target = graph.emit('Gather', [table, targets], hidden.shape, { attributes: { axis: { int: 0 } } })
    const pulled = graph.emit('Sub', [product(graph, probabilities, table), target], hidden.shape)
    const weighted = graph.emit('Mul', [hidden, g], hidden.shape)
    const pushed = product(graph, swapLast(graph, probabilities), weighted)
    const scattered = scatterRows(graph, table.shape, targets, weighted)
    return [graph.emit('Mul', [pulled, g], hidden.shape), graph.emit('Sub', [pushed, scattered], table.shape), null]
  })
  return { loss, logProbabilities }
}

/** Cross-entropy of logits [n, v]. Not recorded on the tape; for scoring. */
export function crossEntropy(graph: Graph, logits: Tensor, targets: Tensor): CrossEntropy {
  const logProbabilities = graph.emit('LogSoftmax', [logits], logits.shape, { attributes: { axis: { int: -1 } } })
  const column = [logits.shape[0], 1]
  const index = graph.emit('Unsqueeze', [targets, graph.integers([1])], column)
  const picked = graph.emit('GatherElements', [logProbabilities, index], column, { attributes: { axis: { int: 1 } } })
  const row = graph.emit('Squeeze', [picked, graph.integers([1])], [logits.shape[0]])
  return { loss: graph.emit('Neg', [row], row.shape), logProbabilities }
}
