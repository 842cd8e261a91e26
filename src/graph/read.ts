/**
 * Reads the float32 initializers (the weights) of an ONNX model by name, without running it. The bytes are untrusted, so
 * every length is checked.
 * @throws RangeError if the bytes are not a well-formed model
 */
export function readInitializers(model: Uint8Array): Map<string, Float32Array> {
  const initializers = new Map<string, Float32Array>()
  for (const graph of parts(model, MODEL_GRAPH)) {
    for (const tensor of parts(graph, GRAPH_INITIALIZER)) {
      const [name] = parts(tensor, TENSOR_NAME)
      const [raw] = parts(tensor, TENSOR_RAW_DATA)
      const type = integers(tensor, TENSOR_DATA_TYPE)[0]
      if (name === undefined || raw === undefined || type !== FLOAT) continue
      if (raw.byteLength % 4 !== 0) throw new RangeError('A tensor is cut off.')
      // Copy, because the bytes may be unaligned.
      const values = new Float32Array(raw.byteLength / 4)
      new Uint8Array(values.buffer).set(raw)
      initializers.set(Buffer.from(name).toString('utf8'), values)
    }
  }
  return initializers
}

/** Field numbers of onnx.proto3. */
const MODEL_GRAPH = 7
const GRAPH_INITIALIZER = 5
const TENSOR_DATA_TYPE = 2
const TENSOR_NAME = 8
const TENSOR_RAW_DATA = 9
const FLOAT = 1

/** The length-delimited fields of a message with this number. */
function parts(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...fields(message)].flatMap(({ field, bytes }) => (field === wanted && bytes !== undefined ? [bytes] : []))
}

function integers(message: Uint8Array, wanted: number): number[] {
  return [...fields(message)].flatMap(({ field, integer }) =>
    field === wanted && integer !== undefined ? [integer] : [],
  )
}

interface Field {
  readonly field: number
  readonly bytes?: Uint8Array
  readonly integer?: number
}

function* fields(message: Uint8Array): Generator<Field> {
  let at = 0
  const take = (length: number) => {
    if (length < 0 || at + length > message.byteLength) throw new RangeError('A field is cut off.')
    at += length
    return message.subarray(at - length, at)
  }
  // Numbers above 2^53 lose their low bits; no field that is read is that large.
  const varint = () => {
    let value = 0
    for (let i = 0; i < 10; i++) {
      const byte = take(1)[0]
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    throw new RangeError('A number does not end.')
  }
  while (at < message.byteLength) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 0) yield { field, integer: varint() }
    else if (wire === 1) take(8)
    else if (wire === 2) yield { field, bytes: take(varint()) }
    else if (wire === 5) take(4)
    else throw new RangeError(`Wire type ${wire} is not known.`)
  }
}
