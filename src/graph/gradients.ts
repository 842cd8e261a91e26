import type { Graph, Tensor } from './graph.ts'

/**
 * Reverse-mode differentiation: adds the gradients of the scalar `loss` with respect to each parameter to the graph. It
 * walks the tape once, backwards, and sums the gradients of a tensor that was used several times.
 * @throws Error if the loss does not depend on a parameter, which is a bug in the model
 */
export function gradients(graph: Graph, loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const needed = dependants(graph, parameters)
  const byName = new Map<string, Tensor>([[loss.name, graph.scalar(1)]])

  for (const { output, inputs, backward } of graph.tape.slice().reverse()) {
    const gradient = byName.get(output.name)
    if (gradient === undefined || !needed.has(output.name)) continue
    backward(gradient).forEach((contribution, i) => {
      const { name, shape } = inputs[i]
      if (contribution === null || !needed.has(name)) return
      const sum = byName.get(name)
      byName.set(name, sum === undefined ? contribution : graph.emit('Add', [sum, contribution], shape))
    })
  }
  return parameters.map((parameter) => {
    const gradient = byName.get(parameter.name)
    if (gradient === undefined) throw new Error(`The loss does not depend on the parameter ${parameter.name}.`)
    return gradient
  })
}

/** Names of all tensors that depend on a parameter. Other gradients need not be computed. */
function dependants(graph: Graph, parameters: readonly Tensor[]): Set<string> {
  const names = new Set(parameters.map((parameter) => parameter.name))
  for (const { output, inputs } of graph.tape) {
    if (inputs.some((input) => names.has(input.name))) names.add(output.name)
  }
  return names
}
