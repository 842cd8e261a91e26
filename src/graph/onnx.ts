import { Message } from './protobuf.ts'

/** Encodes an ONNX ModelProto. Field numbers are those of onnx.proto3. Only the parts that our graphs use are covered. */

export type DataType = 'float32' | 'float64' | 'int32' | 'int64' | 'int8' | 'uint8' | 'bool'

/** TensorProto.DataType. */
const TENSOR_TYPE: Record<DataType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
}

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: ArrayLike<number> }
  | { readonly floats: ArrayLike<number> }
  | { readonly strings: readonly string[] }

export interface NodeSpec {
  readonly op: string
  /** Operator set; the empty string is the standard one. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

/** A string names a size that is known only at run time. */
export type Dimension = number | string

export interface ValueSpec {
  readonly name: string
  readonly type: DataType
  readonly shape: readonly Dimension[]
}

export interface InitializerSpec {
  readonly name: string
  readonly type: DataType
  readonly shape: readonly number[]
  /** Little-endian values; typed arrays are little-endian on every platform of Node. */
  readonly data: ArrayBufferView
}

export interface ModelSpec {
  readonly name: string
  readonly nodes: readonly NodeSpec[]
  readonly initializers: readonly InitializerSpec[]
  readonly inputs: readonly ValueSpec[]
  readonly outputs: readonly ValueSpec[]
  /** Version of each operator set by domain. */
  readonly opsets: Readonly<Record<string, number>>
}

const IR_VERSION = 11

/** The bytes of a `.onnx` file. Equal models give equal bytes. */
export function encodeOnnx(model: ModelSpec): Uint8Array {
  const graph = new Message()
  for (const node of model.nodes) graph.message(1, encodeNode(node))
  graph.string(2, model.name)
  for (const initializer of model.initializers) graph.message(5, encodeTensor(initializer))
  for (const input of model.inputs) graph.message(11, encodeValue(input))
  for (const output of model.outputs) graph.message(12, encodeValue(output))

  const encoded = new Message().integer(1, IR_VERSION).string(2, 'oddline').message(7, graph)
  for (const [domain, version] of Object.entries(model.opsets)) {
    encoded.message(8, new Message().string(1, domain).integer(2, version))
  }
  return encoded.finish()
}

function encodeNode(node: NodeSpec): Message {
  const message = new Message()
  for (const input of node.inputs) message.string(1, input)
  for (const output of node.outputs) message.string(2, output)
  message.string(3, node.outputs[0]).string(4, node.op)
  for (const [name, attribute] of Object.entries(node.attributes)) message.message(5, encodeAttribute(name, attribute))
  if (node.domain !== '') message.string(7, node.domain)
  return message
}

function encodeAttribute(name: string, attribute: Attribute): Message {
  const message = new Message().string(1, name)
  if ('float' in attribute) return message.float(2, attribute.float).integer(20, ATTRIBUTE.float)
  if ('int' in attribute) return message.integer(3, attribute.int).integer(20, ATTRIBUTE.int)
  if ('string' in attribute) return message.string(4, attribute.string).integer(20, ATTRIBUTE.string)
  if ('floats' in attribute) {
    for (let i = 0; i < attribute.floats.length; i++) message.float(7, attribute.floats[i])
    return message.integer(20, ATTRIBUTE.floats)
  }
  if ('ints' in attribute) {
    for (let i = 0; i < attribute.ints.length; i++) message.integer(8, attribute.ints[i])
    return message.integer(20, ATTRIBUTE.ints)
  }
  for (const text of attribute.strings) message.string(9, text)
  return message.integer(20, ATTRIBUTE.strings)
}

function encodeTensor({ name, type, shape, data }: InitializerSpec): Message {
  const message = new Message()
  for (const size of shape) message.integer(1, size)
  return message
    .integer(2, TENSOR_TYPE[type])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function encodeValue({ name, type, shape }: ValueSpec): Message {
  const dimensions = new Message()
  for (const size of shape) {
    dimensions.message(1, typeof size === 'number' ? new Message().integer(1, size) : new Message().string(2, size))
  }
  const tensor = new Message().integer(1, TENSOR_TYPE[type]).message(2, dimensions)
  return new Message().string(1, name).message(2, new Message().message(1, tensor))
}
