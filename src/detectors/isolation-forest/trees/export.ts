import { type Attribute, encodeOnnx } from '../../../graph/onnx.ts'
import { averagePathLength, type Forest } from './forest.ts'

interface Nodes {
  readonly tree: number[]
  readonly node: number[]
  readonly feature: number[]
  readonly value: number[]
  readonly mode: string[]
  readonly below: number[]
  readonly notBelow: number[]
}

interface Leaves {
  readonly tree: number[]
  readonly node: number[]
  readonly length: number[]
}

/**
 * Exports the forest as an ONNX model for other programs. Input: `features`, float32 [rows, columns]. Output: `score`,
 * float32 [rows, 1], the anomaly score. A TreeEnsembleRegressor averages the path lengths; two more nodes compute
 * equation 2 of the paper.
 */
export function exportForest(forest: Forest): Uint8Array {
  const nodes: Nodes = { tree: [], node: [], feature: [], value: [], mode: [], below: [], notBelow: [] }
  const leaves: Leaves = { tree: [], node: [], length: [] }
  for (let tree = 0; tree < forest.trees; tree++) addNode(forest, tree, 0, nodes, leaves)
  const zeros = new Uint8Array(leaves.tree.length)
  const attributes: Record<string, Attribute> = {
    n_targets: { int: 1 },
    aggregate_function: { string: 'AVERAGE' },
    post_transform: { string: 'NONE' },
    nodes_treeids: { ints: nodes.tree },
    nodes_nodeids: { ints: nodes.node },
    nodes_featureids: { ints: nodes.feature },
    nodes_values: { floats: nodes.value },
    nodes_modes: { strings: nodes.mode },
    nodes_truenodeids: { ints: nodes.below },
    nodes_falsenodeids: { ints: nodes.notBelow },
    target_treeids: { ints: leaves.tree },
    target_nodeids: { ints: leaves.node },
    target_ids: { ints: zeros },
    target_weights: { floats: leaves.length },
  }
  const standard = { domain: '', attributes: {} }
  return encodeOnnx({
    name: 'isolation_forest',
    opsets: { '': 18, 'ai.onnx.ml': 3 },
    inputs: [{ name: 'features', type: 'float32', shape: ['rows', forest.columns] }],
    outputs: [{ name: 'score', type: 'float32', shape: ['rows', 1] }],
    initializers: [
      {
        name: 'scale',
        type: 'float32',
        shape: [],
        data: Float32Array.of(-1 / (averagePathLength(forest.sample) || 1)),
      },
      { name: 'two', type: 'float32', shape: [], data: Float32Array.of(2) },
    ],
    nodes: [
      { op: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', inputs: ['features'], outputs: ['length'], attributes },
      { op: 'Mul', inputs: ['length', 'scale'], outputs: ['exponent'], ...standard },
      { op: 'Pow', inputs: ['two', 'exponent'], outputs: ['score'], ...standard },
    ],
  })
}

function addNode(forest: Forest, tree: number, node: number, nodes: Nodes, leaves: Leaves): void {
  const inner = 2 ** forest.depth - 1
  const isLeaf = node >= inner || forest.size[tree * (2 * inner + 1) + 2 * node + 1] === 0
  nodes.tree.push(tree)
  nodes.node.push(node)
  if (isLeaf) {
    let first = node
    while (first < inner) first = 2 * first + 1
    nodes.feature.push(0)
    nodes.value.push(0)
    nodes.mode.push('LEAF')
    nodes.below.push(0)
    nodes.notBelow.push(0)
    leaves.tree.push(tree)
    leaves.node.push(node)
    leaves.length.push(forest.length[tree * (inner + 1) + first - inner])
    return
  }
  nodes.feature.push(forest.feature[tree * inner + node])
  nodes.value.push(forest.threshold[tree * inner + node])
  nodes.mode.push('BRANCH_LT')
  nodes.below.push(2 * node + 1)
  nodes.notBelow.push(2 * node + 2)
  addNode(forest, tree, 2 * node + 1, nodes, leaves)
  addNode(forest, tree, 2 * node + 2, nodes, leaves)
}
