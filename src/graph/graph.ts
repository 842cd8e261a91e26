import type { Attribute, DataType, Dimension, InitializerSpec, NodeSpec, ValueSpec } from './onnx.ts'
import { encodeOnnx } from './onnx.ts'

/** A value in a graph. A size of -1 is known only at run time; it is allowed only in graphs without gradients. */
export interface Tensor {
  readonly name: string
  readonly type: DataType
  readonly shape: readonly number[]
}

/** Vector-Jacobian product of an operation: from the gradient of its output to those of its inputs; null if none flows. */
export type Backward = (gradient: Tensor) => readonly (Tensor | null)[]

export interface TapeEntry {
  readonly output: Tensor
  readonly inputs: readonly Tensor[]
  readonly backward: Backward
}

/** ONNX operator set. 23 is the first with an Attention operator. */
const OPSET = 23
const MICROSOFT_OPSET = 1

/**
 * Builds an ONNX graph operation by operation, and records the tape that `gradients` walks back. `real` is the type of real
 * numbers: float32 for use, float64 to check gradients against central differences.
 */
export class Graph {
  readonly real: 'float32' | 'float64'
  readonly tape: TapeEntry[] = []
  readonly #nodes: NodeSpec[] = []
  readonly #initializers: InitializerSpec[] = []
  readonly #inputs: ValueSpec[] = []
  readonly #outputs: ValueSpec[] = []
  readonly #constants = new Map<string, Tensor>()
  /** Public names of outputs by their internal ones. */
  readonly #public = new Map<string, string>()
  #names = 0

  constructor(real: 'float32' | 'float64' = 'float32') {
    this.real = real
  }

  get nodeCount(): number {
    return this.#nodes.length
  }

  input(name: string, type: DataType, shape: readonly Dimension[]): Tensor {
    this.#inputs.push({ name, type, shape })
    return { name, type, shape: shape.map((size) => (typeof size === 'number' ? size : -1)) }
  }

  /**
   * Makes the result of an operation an output of the model. The public name replaces the internal one, because an `Identity`
   * node would copy the data. Internal names begin with `_`, so the two never clash.
   * @throws Error if the tensor is not the result of an operation, or is an output already
   */
  output(name: string, tensor: Tensor, shape: readonly Dimension[] = tensor.shape): void {
    if (this.#public.has(tensor.name) || !this.#nodes.some(({ outputs }) => outputs.includes(tensor.name)))
      throw new Error(`${tensor.name} is no result of an operation, or an output already.`)
    this.#public.set(tensor.name, name)
    this.#outputs.push({ name, type: tensor.type, shape })
  }

  /** Adds an operation with one output. Its type is `type`, or else that of the first input. */
  emit(
    op: string,
    inputs: readonly Tensor[],
    shape: readonly number[],
    options: { attributes?: Readonly<Record<string, Attribute>>; type?: DataType; domain?: string } = {},
  ): Tensor {
    return this.emitAll(op, inputs, [{ shape, type: options.type ?? inputs[0].type }], options)[0]
  }

  /** Adds an operation with several outputs. */
  emitAll(
    op: string,
    inputs: readonly Tensor[],
    outputs: readonly { readonly shape: readonly number[]; readonly type: DataType }[],
    options: { attributes?: Readonly<Record<string, Attribute>>; domain?: string } = {},
  ): Tensor[] {
    const tensors = outputs.map(({ shape, type }) => ({ name: this.#name(op), type, shape }))
    this.#nodes.push({
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((tensor) => tensor.name),
      outputs: tensors.map((tensor) => tensor.name),
      attributes: options.attributes ?? {},
    })
    return tensors
  }

  /** Records an operation on the tape. No gradient flows through operations that are not recorded. */
  record(output: Tensor, inputs: readonly Tensor[], backward: Backward): Tensor {
    this.tape.push({ output, inputs, backward })
    return output
  }

  /** Stores a tensor in the model. `data` is kept by reference until `encode`. */
  initializer(name: string, type: DataType, shape: readonly number[], data: ArrayBufferView): Tensor {
    this.#initializers.push({ name, type, shape, data })
    return { name, type, shape }
  }

  /** A real constant; equal constants are stored once. */
  scalar(value: number): Tensor {
    return this.#constant(`${value}`, () => this.initializer(this.#name('scalar'), this.real, [], this.#reals([value])))
  }

  reals(values: ArrayLike<number>, shape: readonly number[]): Tensor {
    return this.initializer(this.#name('reals'), this.real, shape, this.#reals(values))
  }

  /** An int64 constant for shapes and axes; equal lists are stored once. */
  integers(values: readonly number[]): Tensor {
    return this.#constant(`i${values.join()}`, () =>
      this.initializer(this.#name('integers'), 'int64', [values.length], BigInt64Array.from(values.map(BigInt))),
    )
  }

  /** The bytes of the `.onnx` file. */
  encode(name: string): Uint8Array {
    const domains = new Set(this.#nodes.map((node) => node.domain))
    const named = (names: readonly string[]) => names.map((one) => this.#public.get(one) ?? one)
    return encodeOnnx({
      name,
      nodes: this.#nodes.map((node) => ({ ...node, inputs: named(node.inputs), outputs: named(node.outputs) })),
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
      opsets: { '': OPSET, ...(domains.has('com.microsoft') && { 'com.microsoft': MICROSOFT_OPSET }) },
    })
  }

  #constant(key: string, create: () => Tensor): Tensor {
    const known = this.#constants.get(key) ?? create()
    this.#constants.set(key, known)
    return known
  }

  #reals(values: ArrayLike<number>): ArrayBufferView {
    return this.real === 'float32' ? Float32Array.from(values) : Float64Array.from(values)
  }

  #name(hint: string): string {
    return `_${hint}_${this.#names++}`
  }
}
