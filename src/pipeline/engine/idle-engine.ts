import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { systemClock } from '../../core/clock.ts'
import type { BatchResult } from '../../core/documents/batch.ts'
import { learningPhase } from '../../queries/learning.ts'
import { scan } from '../../reading/identity/scan.ts'
import { runningBatch } from '../../store/batches.ts'
import type { Database } from '../../store/database.ts'
import { loadOffsets } from '../../store/offsets.ts'
import { Tally } from '../output/tally.ts'
import type { EngineClient } from './engine-client.ts'
import { openModels } from './open-models.ts'

/** What the program asks of an engine. */
export type EngineHandle = Pick<EngineClient, 'run' | 'settle' | 'stop' | 'close'>

/**
 * An engine for a single batch with nothing to do: a state without a past and a directory without log files. The real
 * engine, its thread and its detectors take longer to load than such a batch. Undefined if there is anything to do.
 */
export function openIdleEngine(
  { logs, state, models }: Pick<Config, 'logs' | 'state' | 'models'>,
  db: Database,
): EngineHandle | undefined {
  const learnt = openModels({ models, state }).current() !== undefined
  const phase = learningPhase(db)
  if (learnt || phase !== 'warmup' || runningBatch(db) || loadOffsets(db).length > 0) return undefined
  const startedAt = systemClock.now()
  const { files, problems } = scan({ ...logs, logDir: resolve(logs.dir) }, startedAt)
  if (files.length > 0 || problems.length > 0) return undefined
  return {
    async run() {
      return {
        id: randomBytes(4).toString('hex'),
        resumed: false,
        stopped: false,
        files: 0,
        phase,
        startedAt,
        finishedAt: systemClock.now(),
        totals: new Tally().totals,
      } satisfies BatchResult
    },
    async settle() {},
    stop() {},
    async close() {},
  }
}
