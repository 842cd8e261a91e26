import type { EventBlock } from './block.ts'
import { fromPortable, type PortableBlock, toPortable } from './portable-block.ts'

/** Sizes are rounded up to a multiple of this, so that released memory also fits the next block. */
const STEP = 256 * 1024

/** A pool of shared memory: released buffers are reused. */
export class SharedPool {
  readonly #free: SharedArrayBuffer[] = []

  /** Returns a buffer of at least `bytes` bytes. */
  take(bytes: number): SharedArrayBuffer {
    const fitting = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0]
    // Blocks are of similar size, so a buffer that is too small now would stay too small.
    this.#free.pop()
    return new SharedArrayBuffer(Math.ceil((bytes * 1.1) / STEP) * STEP)
  }

  give(memory: SharedArrayBuffer): void {
    this.#free.push(memory)
  }
}

interface Held {
  readonly portable: PortableBlock
  readonly giveBack: () => void
}

/**
 * The shared memory of the blocks in flight between threads. Each block is stored once, however many threads read it;
 * when it is released, its memory is reused for another block.
 */
export class BlockMemory {
  readonly #pool = new SharedPool()
  readonly #held = new Map<EventBlock, Held>()

  /** Copies the block into shared memory, or returns the existing copy. It stays valid until `release`. */
  share(block: EventBlock): PortableBlock {
    const known = this.#held.get(block)
    if (known !== undefined) return known.portable
    const portable = toPortable(block, (bytes) => this.#pool.take(bytes))
    this.#held.set(block, { portable, giveBack: () => this.#pool.give(portable.memory) })
    return portable
  }

  /** Registers a block that another thread shared; `release` calls `giveBack`. */
  adopt(portable: PortableBlock, giveBack: () => void): EventBlock {
    const block = fromPortable(portable)
    this.#held.set(block, { portable, giveBack })
    return block
  }

  /** Frees the memory of a block that no thread reads any more. */
  release(block: EventBlock): void {
    this.#held.get(block)?.giveBack()
    this.#held.delete(block)
  }
}
