import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DeliveryOutcome, Finding, Sink, SinkDefinition } from '#sink'
import { classify } from './classify.ts'
import { FileConfig } from './config.ts'
import { encode } from './encode.ts'
import { rotate } from './rotate.ts'

export const sink: SinkDefinition<FileConfig> = {
  type: 'file',
  takes: 'findings',
  config: FileConfig,
  limits: { maxBatch: 1_000 },
  create: (config) => new FileSink(config),
}

/** Appends findings to a file. It opens the file for each batch, so that another program may rotate it too. */
class FileSink implements Sink {
  readonly #config: FileConfig

  constructor(config: FileConfig) {
    this.#config = config
  }

  async deliver(batch: readonly Finding[]): Promise<DeliveryOutcome> {
    const { path, max_bytes, keep } = this.#config
    const lines = encode(batch)
    try {
      let file = await this.#open()
      try {
        let size = await repairEnd(file)
        if (size > 0 && size + lines.length > max_bytes) {
          await file.close()
          await rotate(path, keep)
          file = await this.#open()
          size = 0
        }
        await append(file, lines, size)
      } finally {
        await file.close()
      }
      return { kind: 'delivered' }
    } catch (error) {
      return classify(error)
    }
  }

  async check(): Promise<void> {
    const file = await this.#open()
    await file.close()
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#config.path), { recursive: true })
    return await open(this.#config.path, 'a+', 0o640)
  }
}

/** Appends the whole batch or nothing: after a failure it truncates the file to its old size. */
async function append(file: FileHandle, lines: Buffer, size: number): Promise<void> {
  try {
    await file.appendFile(lines)
    await file.datasync()
  } catch (error) {
    await file.truncate(size).catch(() => undefined)
    throw error
  }
}

/** How many bytes at the end are searched for an incomplete line. */
const TAIL_BYTES = 262_144

/**
 * Makes the file end with a line break. An incomplete document at the end is left from a crash: it is removed, because
 * its finding is sent again. Any other last line is kept and gets a line break.
 * @returns the file's size in bytes
 */
async function repairEnd(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  if (size === 0) return 0
  const length = Math.min(size, TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
  const lastBreak = buffer.subarray(0, bytesRead).lastIndexOf(0x0a)
  if (lastBreak === bytesRead - 1) return size
  const tail = buffer.subarray(lastBreak + 1, bytesRead)
  if (isIncompleteDocument(tail)) {
    const whole = size - tail.length
    await file.truncate(whole)
    return whole
  }
  await file.appendFile('\n')
  return size + 1
}

function isIncompleteDocument(tail: Buffer): boolean {
  const text = tail.toString('utf8')
  if (!text.startsWith('{')) return false
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}
