import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import type { EngineSettings } from '../engine/engine-protocol.ts'
import { type BlockSource, type Parser, ParsingSource } from './block-source.ts'
import { openReader } from './open-reader.ts'
import { ReadingClient } from './reading-client.ts'

/** Reading less than this takes less time than starting a thread. */
const WORTH_A_THREAD = 16 * 1024 * 1024

/**
 * Opens what is new in the log directory. With `threads`, much of it is read on a thread of its own; `meanwhile` runs
 * while that thread starts.
 */
export async function openSource(
  settings: Pick<EngineSettings, 'logs' | 'window'>,
  stored: readonly StoredFile[],
  parser: Parser,
  threads: BlockMemory | undefined,
  meanwhile: () => void,
): Promise<{ readonly source: BlockSource<StoredFile>; readonly files: number; readonly bytesToRead: number }> {
  const here = new ParsingSource(openReader(settings, stored), parser)
  const found = await here.discover()
  if (!threads || found.bytesToRead < WORTH_A_THREAD) return { source: here, ...found }
  await here.close()
  const source = new ReadingClient({ logs: settings.logs, stored }, threads, settings.window)
  const discovered = source.discover()
  meanwhile()
  return { source, ...(await discovered) }
}
