import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Config } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import { isDone } from '../../store/batches.ts'
import type { Database } from '../../store/database.ts'
import { databaseSize, shrink } from '../../store/retention/database-size.ts'
import { OldRows } from '../../store/retention/old-rows.ts'
import { noteFolders, noteRemoved, type RemovedKind } from '../../store/retention/records.ts'
import { limitOn } from './limit.ts'
import { OutputFolders } from './output-folders.ts'

export type RemovedCounts = Record<RemovedKind, number>

const DAY_MS = 86_400_000

/**
 * Removes what is older than the limit, then the oldest until the rest is small enough, in short steps with a pause
 * after each. A pass may end after any step; the next one goes on.
 */
export class Retention {
  readonly #db: Database
  readonly #settings: Pick<Config, 'retention' | 'output' | 'state'>
  readonly #clock: Clock
  readonly #rows: OldRows
  readonly #folders: OutputFolders

  constructor(db: Database, settings: Pick<Config, 'retention' | 'output' | 'state'>, clock: Clock) {
    this.#db = db
    this.#settings = settings
    this.#clock = clock
    this.#rows = new OldRows(db)
    this.#folders = new OutputFolders(settings.output.dir)
  }

  /**
   * @returns what was removed; whether nothing is left to remove; and whether the database is too large even then,
   * because all of it has to stay
   */
  async pass(
    goOn: () => boolean,
  ): Promise<{ readonly removed: RemovedCounts; readonly finished: boolean; readonly overfull: boolean }> {
    const { retention, state, output } = this.#settings
    const now = this.#clock.now()
    const before = retention.days > 0 ? now - retention.days * DAY_MS : Number.NEGATIVE_INFINITY
    const removed: RemovedCounts = { findings: 0, incidents: 0, batches: 0, dead_letters: 0, folders: 0 }
    const note = (counts: Partial<RemovedCounts>) => {
      for (const [kind, n] of Object.entries(counts) as [RemovedKind, number][]) removed[kind] += n
      noteRemoved(this.#db, counts, now)
    }
    this.#folders.refresh()
    const mostOutput = limitOn(output.dir, retention.max_output)
    while (goOn() && this.#folders.removeOldest(before, mostOutput)) {
      note({ folders: 1 })
      await setImmediate()
    }
    while (goOn() && this.#folders.removeAbandoned(before, (batch) => isDone(this.#db, batch))) await setImmediate()
    noteFolders(this.#db, this.#folders.kept)

    const mostRows = limitOn(state.dir, retention.max_database)
    const tooLarge = () => databaseSize(this.#db).used > mostRows
    const letters = this.#rows.stepLoose(before)
    if (letters > 0) note({ dead_letters: letters })
    this.#rows.rewind()
    let ended = false
    while (goOn() && !ended) {
      const from = performance.now()
      const step = this.#rows.step(tooLarge() ? Number.POSITIVE_INFINITY : before)
      if (step) note(step)
      ended = step === undefined
      await pauseFor(performance.now() - from)
    }
    for (let more = true; more && goOn(); ) {
      const from = performance.now()
      more = shrink(this.#db)
      await pauseFor(performance.now() - from)
    }
    return { removed, finished: ended && goOn(), overfull: ended && tooLarge() }
  }
}

/** As long as a step took, so that deliveries get the database in between. */
async function pauseFor(ms: number): Promise<void> {
  if (ms < 1) await setImmediate()
  else await setTimeout(ms)
}
