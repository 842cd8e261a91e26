type Numbers = Float64Array | Int32Array | Uint8Array

/** The array with room for `size` numbers: itself, or one twice as large that begins alike and goes on with zeros. */
export function grown<T extends Numbers>(array: T, size: number): T {
  if (size <= array.length) return array
  const Larger = array.constructor as new (length: number) => T
  const larger = new Larger(Math.max(16, size, array.length * 2))
  larger.set(array)
  return larger
}
