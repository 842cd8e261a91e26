import type { Config } from '../config/schema.ts'
import type { BatchRunner } from '../control/batches.ts'
import type { SteadyClock } from '../core/clock.ts'
import type { Analyzer } from '../core/documents/analysis.ts'
import type { State } from '../queries/state.ts'

/** What every face needs. */
export interface FaceDeps {
  readonly db: State
  readonly config: Config
  readonly clock: SteadyClock
  readonly analyzer: Analyzer
  /** Only in the process that runs batches. */
  readonly runner?: BatchRunner
}
