import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { systemClock } from '../../core/clock.ts'
import type { BatchResult } from '../../core/documents/batch.ts'
import { decodeState } from '../../learning/lifecycle.ts'
import { ModelStore } from '../../learning/models/artifacts.ts'
import { scan } from '../../reading/identity/scan.ts'
import { runningBatch } from '../../store/batches.ts'
import { loadCheckpoint } from '../../store/checkpoints.ts'
import type { Database } from '../../store/database.ts'
import { loadOffsets } from '../../store/offsets.ts'
import { Tally } from '../output/tally.ts'
import type { EngineClient } from './engine-client.ts'

/** What the program asks of an engine. */
export type EngineHandle = Pick<EngineClient, 'run' | 'settle' | 'stop' | 'close'>

/**
 * For one batch on a state without a past, of a directory without a log file: it says so. The engine itself, its thread
 * and all that judges take longer to load than that. Undefined where there is anything to do.
 */
export function openIdleEngine(
  { logs, state, models }: Pick<Config, 'logs' | 'state' | 'models'>,
  db: Database,
): EngineHandle | undefined {
  const learnt = new ModelStore(models.dir || join(state.dir, 'models')).current() !== undefined
  const { phase } = decodeState(loadCheckpoint(db, 'learning'))
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
