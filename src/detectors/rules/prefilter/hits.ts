/** A set of small integers that clears in constant time. */
export class Hits {
  readonly #stamps: Uint32Array
  #stamp = 1
  readonly list: Int32Array
  count = 0

  constructor(size: number) {
    this.#stamps = new Uint32Array(size)
    this.list = new Int32Array(size)
  }

  clear(): void {
    this.count = 0
    if (++this.#stamp === 0xffffffff) {
      this.#stamps.fill(0)
      this.#stamp = 1
    }
  }

  has(id: number): boolean {
    return this.#stamps[id] === this.#stamp
  }

  add(id: number): void {
    if (this.#stamps[id] === this.#stamp) return
    this.#stamps[id] = this.#stamp
    this.list[this.count++] = id
  }

  addAll(ids: Int32Array): void {
    for (let i = 0; i < ids.length; i++) this.add(ids[i])
  }
}
