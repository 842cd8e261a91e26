import { SharedPool } from '../../core/columns/block-memory.ts'
import { type PortableBlock, toPortable } from '../../core/columns/portable-block.ts'
import type { ReadProblem } from '../../core/documents/batch.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import { createParser } from '../../parsing/parser.ts'
import { serve } from '../../threads/serve.ts'
import type { EngineSettings } from '../engine/engine-protocol.ts'
import { type BlockAccount, ParsingSource } from './block-source.ts'
import { openReader } from './open-reader.ts'

export type ReadingProtocol = {
  readonly settings: Pick<EngineSettings, 'logs'> & { readonly stored: readonly StoredFile[] }
  readonly calls: {
    discover(): { readonly files: number; readonly bytesToRead: number }
    next(): ReadingStep
  }
  /** Takes back the memory of a block. */
  readonly orders: { free(memory: SharedArrayBuffer): void }
  readonly event: never
}

/** A block or, at the end, what is left to be saved and told. */
export interface ReadingStep {
  readonly read: { readonly block: PortableBlock; readonly account: BlockAccount<StoredFile> } | undefined
  readonly moved: readonly StoredFile[]
  readonly problems: readonly ReadProblem[]
}

serve<ReadingProtocol>((settings) => {
  const source = new ParsingSource(openReader(settings, settings.stored), createParser())
  const pool = new SharedPool()
  return {
    calls: {
      async discover() {
        const { files, bytesToRead } = await source.discover()
        return { files, bytesToRead }
      },
      async next() {
        const read = await source.next()
        if (!read) return { read, moved: source.moved(), problems: source.problems() }
        const block = toPortable(read.events, (bytes) => pool.take(bytes))
        return { read: { block, account: read.account }, moved: [], problems: [] }
      },
    },
    orders: { free: (memory) => pool.give(memory) },
    close: () => source.close(),
  }
})
