import type { BlockMemory } from '../../core/columns/block-memory.ts'
import type { StoredFile } from '../../core/stored-file.ts'
import type { EngineSettings } from '../engine/engine-protocol.ts'
import { type BlockSource, ParsingSource } from './block-source.ts'
import { openReader } from './open-reader.ts'
import type { Parser } from './ports.ts'
import { ReadingThread } from './reading-client.ts'

/** Less than this is read sooner than a thread is started. */
const WORTH_A_THREAD = 16 * 1024 * 1024

/** What is new in the log directory; with `threads` read on a thread of its own where there is much of it, and `meanwhile` done while that starts. */
export async function openSource(
  settings: Pick<EngineSettings, 'logs'>,
  stored: readonly StoredFile[],
  parser: Parser,
  threads: BlockMemory | undefined,
  meanwhile: () => void,
): Promise<{ readonly source: BlockSource<StoredFile>; readonly files: number; readonly bytesToRead: number }> {
  const here = new ParsingSource(openReader(settings, stored), parser)
  const found = await here.discover()
  if (!threads || found.bytesToRead < WORTH_A_THREAD) return { source: here, ...found }
  await here.close()
  const source = new ReadingThread({ logs: settings.logs, stored }, threads)
  const discovered = source.discover()
  meanwhile()
  return { source, ...(await discovered) }
}
