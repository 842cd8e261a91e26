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

/** Appends findings to a file. It is opened for each batch, so that another program may rotate it as well. */
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
        let size = await mend(file)
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

/** Writes all or nothing: what a full disk took of a batch is cut off again. */
async function append(file: FileHandle, lines: Buffer, size: number): Promise<void> {
  try {
    await file.appendFile(lines)
    await file.datasync()
  } catch (error) {
    await file.truncate(size).catch(() => undefined)
    throw error
  }
}

/** Longest tail that is looked at for a torn line. */
const TAIL_BYTES = 262_144

/**
 * Sees to it that the file ends with a line break. A crash in the midst of a batch leaves half a document, which comes
 * again whole: that half is cut off. Any other last line is kept and ended.
 * @returns the file's size in bytes
 */
async function mend(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  if (size === 0) return 0
  const length = Math.min(size, TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
  const lastBreak = buffer.subarray(0, bytesRead).lastIndexOf(0x0a)
  if (lastBreak === bytesRead - 1) return size
  const tail = buffer.subarray(lastBreak + 1, bytesRead)
  if (isTornDocument(tail)) {
    const whole = size - tail.length
    await file.truncate(whole)
    return whole
  }
  await file.appendFile('\n')
  return size + 1
}

function isTornDocument(tail: Buffer): boolean {
  const text = tail.toString('utf8')
  if (!text.startsWith('{')) return false
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}
