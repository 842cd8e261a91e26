import { parentPort, workerData } from 'node:worker_threads'
import { SharedPool } from '../../core/columns/block-memory.ts'
import { toPortable } from '../../core/columns/portable-block.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { createParser } from '../../parsing/parser.ts'
import { ParsingSource } from './block-source.ts'
import { openReader } from './open-reader.ts'
import type { ReadingAnswer, ReadingRequest, ReadingSettings } from './reading-protocol.ts'

/** The thread that reads and parses ahead of the one that judges. */
const port = parentPort!
const settings = workerData as ReadingSettings
const source = new ParsingSource(openReader(settings, settings.stored), createParser())
const pool = new SharedPool()

async function answer(request: Exclude<ReadingRequest, { type: 'free' }>): Promise<ReadingAnswer> {
  switch (request.type) {
    case 'discover': {
      const { files, bytesToRead } = await source.discover()
      return { type: 'discovered', files, bytesToRead }
    }
    case 'next': {
      const read = await source.next()
      if (!read) return { type: 'end', moved: source.moved(), problems: source.problems() }
      return { type: 'block', block: toPortable(read.events, (bytes) => pool.take(bytes)), account: read.account }
    }
    case 'close':
      await source.close()
      return { type: 'closed' }
    default:
      return request satisfies never
  }
}

function failed(error: unknown): ReadingAnswer {
  return {
    type: 'failed',
    message: messageOf(error),
    code: error instanceof OddlineError ? error.code : undefined,
    errno: (error as NodeJS.ErrnoException)?.code,
    stack: error instanceof Error ? error.stack : undefined,
  }
}

let last = Promise.resolve()
port.on('message', (request: ReadingRequest) => {
  if (request.type === 'free') {
    pool.give(request.memory)
    return
  }
  last = last.then(async () => {
    port.postMessage(await answer(request).catch(failed))
    if (request.type === 'close') port.close()
    // Memory that has come back meanwhile serves the next block.
    else await new Promise((resolve) => setImmediate(resolve))
  })
})
