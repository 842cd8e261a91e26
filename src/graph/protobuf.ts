/**
 * The part of the Protocol Buffers wire format that an ONNX model needs: varints, fixed 32-bit floats and
 * length-delimited fields. A message is a list of byte chunks, so that large tensors are copied once.
 */
export class Message {
  readonly #chunks: Uint8Array[] = []
  #size = 0

  integer(field: number, value: number | bigint): this {
    this.#varint(BigInt(field << 3))
    this.#varint(BigInt(value))
    return this
  }

  float(field: number, value: number): this {
    this.#varint(BigInt((field << 3) | 5))
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.#push(bytes)
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'))
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(BigInt((field << 3) | 2))
    this.#varint(BigInt(value.byteLength))
    return this.#push(value)
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish())
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#chunks, this.#size)
  }

  #varint(value: bigint): void {
    // Negative numbers travel as 64-bit two's complement.
    let rest = BigInt.asUintN(64, value)
    const bytes: number[] = []
    do {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      bytes.push(rest > 0n ? low | 0x80 : low)
    } while (rest > 0n)
    this.#push(Uint8Array.from(bytes))
  }

  #push(bytes: Uint8Array): this {
    this.#chunks.push(bytes)
    this.#size += bytes.byteLength
    return this
  }
}
