type Numbers = Float64Array | Int32Array | Uint8Array

/** Returns the array if it holds `size` numbers, else a copy of at least twice its length, padded with zeros. */
export function grown<T extends Numbers>(array: T, size: number): T {
  if (size <= array.length) return array
  const Larger = array.constructor as new (length: number) => T
  const larger = new Larger(Math.max(16, size, array.length * 2))
  larger.set(array)
  return larger
}
