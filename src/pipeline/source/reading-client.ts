import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { ReadProblem } from '../../core/documents/batch.ts'
import { OddlineError } from '../../core/errors.ts'
import type { StoredFile } from '../../core/stored-file.ts'
import type { BlockSource, SourceBlock } from './block-source.ts'
import type { ReadingAnswer, ReadingRequest, ReadingSettings } from './reading-protocol.ts'

/** Blocks that are read and parsed before they are asked for. */
const READ_AHEAD = 4

interface Waiting {
  readonly resolve: (answer: ReadingAnswer) => void
  readonly reject: (error: Error) => void
}

/** Reads and parses on a thread of its own, some blocks ahead. */
export class ReadingThread implements BlockSource<StoredFile> {
  readonly #worker: Worker
  readonly #memory: BlockMemory
  readonly #waiting: Waiting[] = []
  readonly #ahead: Promise<ReadingAnswer>[] = []
  #moved: readonly StoredFile[] = []
  #problems: readonly ReadProblem[] = []
  #dead: Error | undefined

  constructor(settings: ReadingSettings, memory: BlockMemory) {
    this.#memory = memory
    this.#worker = new Worker(new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    })
    this.#worker.on('message', (answer: ReadingAnswer) => this.#waiting.shift()?.resolve(answer))
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#fail(new Error('The reading thread has ended')))
  }

  async discover(): Promise<{ readonly files: number; readonly bytesToRead: number }> {
    const found = checked(await this.#ask({ type: 'discover' }))
    if (found.type !== 'discovered') throw new Error(`The reading thread answered ${found.type}`)
    return found
  }

  async next(): Promise<SourceBlock<StoredFile> | undefined> {
    while (this.#ahead.length < READ_AHEAD) this.#ahead.push(this.#ask({ type: 'next' }))
    const answer = checked(await this.#ahead.shift()!)
    if (answer.type === 'end') {
      this.#moved = answer.moved
      this.#problems = answer.problems
      return undefined
    }
    if (answer.type !== 'block') throw new Error(`The reading thread answered ${answer.type}`)
    const { block, account } = answer
    return { events: this.#memory.adopt(block, () => this.#giveBack(block.memory)), account }
  }

  moved(): readonly StoredFile[] {
    const moved = this.#moved
    this.#moved = []
    return moved
  }

  problems(): readonly ReadProblem[] {
    return this.#problems
  }

  async close(): Promise<void> {
    if (this.#dead) return
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#ask({ type: 'close' }).catch(() => {})
    await ended
  }

  #giveBack(memory: SharedArrayBuffer): void {
    if (!this.#dead) this.#worker.postMessage({ type: 'free', memory } satisfies ReadingRequest)
  }

  #ask(request: ReadingRequest): Promise<ReadingAnswer> {
    if (this.#dead) return Promise.reject(this.#dead)
    const answer = new Promise<ReadingAnswer>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    answer.catch(() => {})
    this.#worker.postMessage(request)
    return answer
  }

  #fail(error: Error): void {
    this.#dead ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead)
  }
}

function checked(answer: ReadingAnswer): ReadingAnswer {
  if (answer.type !== 'failed') return answer
  const error = answer.code ? new OddlineError(answer.code, answer.message) : new Error(answer.message)
  throw Object.assign(error, answer.errno && { code: answer.errno }, answer.stack && { stack: answer.stack })
}
