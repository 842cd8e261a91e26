import { createHash } from 'node:crypto'
import { OddlineError } from './errors.ts'

/**
 * The binary format of all models and checkpoints: a JSON header, typed arrays, and a SHA-256 at the end.
 *
 *   "ODDP" | u32 header length | header | zeros to a multiple of 8 | arrays, each padded to 8 | SHA-256 of the rest
 *
 * Little-endian, like every platform that Node supports.
 */
const MAGIC = 0x5044444f
const DIGEST = 32

const CONSTRUCTORS = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array } as const
type TypeName = keyof typeof CONSTRUCTORS
export type PackedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

export interface Packed {
  /** JSON values; their shape depends on `kind` and `version`. */
  readonly meta: Record<string, unknown>
  readonly arrays: Record<string, PackedArray>
}

interface Header {
  readonly kind: string
  readonly version: number
  readonly meta: Record<string, unknown>
  readonly arrays: readonly { name: string; type: TypeName; offset: number; length: number }[]
}

export function pack(kind: string, version: number, packed: Packed): Uint8Array {
  let offset = 0
  const arrays = Object.entries(packed.arrays).map(([name, array]) => {
    const entry = { name, type: typeOf(array), offset, length: array.length }
    offset += align(array.byteLength)
    return entry
  })
  const header = Buffer.from(JSON.stringify({ kind, version, meta: packed.meta, arrays } satisfies Header))
  const start = align(8 + header.length)
  const out = Buffer.alloc(start + offset + DIGEST)
  out.writeUInt32LE(MAGIC, 0)
  out.writeUInt32LE(header.length, 4)
  header.copy(out, 8)
  for (const { name, offset: at } of arrays) {
    const array = packed.arrays[name]
    out.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + at)
  }
  createHash('sha256')
    .update(out.subarray(0, out.length - DIGEST))
    .digest()
    .copy(out, out.length - DIGEST)
  return out
}

/** @throws OddlineError MODEL_INVALID if the bytes are damaged, of another kind, or of an unknown version. */
export function unpack(kind: string, version: number, bytes: Uint8Array): Packed {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (data.length < 8 + DIGEST || data.readUInt32LE(0) !== MAGIC) throw invalid(kind, 'it is not an Oddline file')
  const body = data.subarray(0, data.length - DIGEST)
  if (!createHash('sha256').update(body).digest().equals(data.subarray(body.length))) {
    throw invalid(kind, 'it is damaged (its checksum does not match)')
  }
  const headerLength = data.readUInt32LE(4)
  const header = JSON.parse(data.toString('utf8', 8, 8 + headerLength)) as Header
  if (header.kind !== kind) throw invalid(kind, `it holds a ${header.kind}`)
  if (header.version !== version) {
    throw invalid(kind, `it has format ${header.version}; this version reads format ${version}`)
  }
  const start = align(8 + headerLength)
  const arrays: Record<string, PackedArray> = {}
  for (const { name, type, offset, length } of header.arrays) {
    const TypedArray = CONSTRUCTORS[type]
    const at = start + offset
    const copy = new Uint8Array(length * TypedArray.BYTES_PER_ELEMENT)
    copy.set(data.subarray(at, at + copy.length))
    arrays[name] = new TypedArray(copy.buffer, 0, length)
  }
  return { meta: header.meta, arrays }
}

/** A Buffer is stored as a Uint8Array. */
function typeOf(array: PackedArray): TypeName {
  return array instanceof Uint8Array ? 'Uint8Array' : (array.constructor.name as TypeName)
}

function align(length: number): number {
  return Math.ceil(length / 8) * 8
}

function invalid(kind: string, why: string): OddlineError {
  return new OddlineError(
    'MODEL_INVALID',
    `The saved ${kind} cannot be read: ${why}. Retrain, or roll back to an earlier model.`,
  )
}
