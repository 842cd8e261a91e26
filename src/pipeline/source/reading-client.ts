import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { ReadProblem } from '../../core/documents/batch.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import { ThreadClient, threadModule } from '../../threads/client.ts'
import type { BlockSource, SourceBlock } from './block-source.ts'
import type { ReadingProtocol, ReadingStep } from './reading-thread.ts'

/** Blocks that are read and parsed before they are asked for. */
const READ_AHEAD = 4

/** Reads and parses on a thread of its own, some blocks ahead. */
export class ReadingClient implements BlockSource<StoredFile> {
  readonly #thread: ThreadClient<ReadingProtocol>
  readonly #memory: BlockMemory
  readonly #readAhead: number
  readonly #ahead: Promise<ReadingStep>[] = []
  #moved: readonly StoredFile[] = []
  #problems: readonly ReadProblem[] = []

  constructor(settings: ReadingProtocol['settings'], memory: BlockMemory, window = 1) {
    this.#memory = memory
    this.#readAhead = Math.ceil(READ_AHEAD * window)
    this.#thread = new ThreadClient({
      name: 'reading',
      module: threadModule(import.meta.url, 'reading-thread'),
      settings,
      limits: { maxYoungGenerationSizeMb: 6 },
    })
  }

  discover(): Promise<{ readonly files: number; readonly bytesToRead: number }> {
    return this.#thread.call('discover')
  }

  async next(): Promise<SourceBlock<StoredFile> | undefined> {
    while (this.#ahead.length < this.#readAhead) this.#ask()
    const { read, moved, problems } = await this.#ahead.shift()!
    if (!read) {
      this.#moved = moved
      this.#problems = problems
      return undefined
    }
    const { block, account } = read
    return { events: this.#memory.adopt(block, () => this.#thread.order('free', block.memory)), account }
  }

  moved(): readonly StoredFile[] {
    const moved = this.#moved
    this.#moved = []
    return moved
  }

  problems(): readonly ReadProblem[] {
    return this.#problems
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  #ask(): void {
    const step = this.#thread.call('next')
    // A failure belongs to the block that is asked for; a batch that ends before that does not need it.
    step.catch(() => {})
    this.#ahead.push(step)
  }
}
