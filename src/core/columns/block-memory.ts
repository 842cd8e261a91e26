import type { EventBlock } from './block.ts'
import { fromPortable, type PortableBlock, toPortable } from './portable-block.ts'

/** Memory is taken in steps of so many bytes, so that a stretch fits the next block, too. */
const STEP = 256 * 1024

/** Shared memory that is used again. */
export class SharedPool {
  readonly #free: SharedArrayBuffer[] = []

  /** At least so many bytes. */
  take(bytes: number): SharedArrayBuffer {
    const fitting = this.#free.findIndex(({ byteLength }) => byteLength >= bytes)
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0]
    // One that is too small would never serve again where blocks are of one size.
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
 * The shared memory of the blocks that are on their way through the threads. A block is put there once, however many
 * threads look at it; its memory serves another block when it is released.
 */
export class BlockMemory {
  readonly #pool = new SharedPool()
  readonly #held = new Map<EventBlock, Held>()

  /** The block in shared memory, until it is released. */
  share(block: EventBlock): PortableBlock {
    const known = this.#held.get(block)
    if (known !== undefined) return known.portable
    const portable = toPortable(block, (bytes) => this.#pool.take(bytes))
    this.#held.set(block, { portable, giveBack: () => this.#pool.give(portable.memory) })
    return portable
  }

  /** A block that another thread has shared, which is told by `giveBack` when it is released. */
  adopt(portable: PortableBlock, giveBack: () => void): EventBlock {
    const block = fromPortable(portable)
    this.#held.set(block, { portable, giveBack })
    return block
  }

  /** Nobody looks at the block any more. */
  release(block: EventBlock): void {
    this.#held.get(block)?.giveBack()
    this.#held.delete(block)
  }
}
