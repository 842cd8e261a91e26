import type { Config } from '../config/schema.ts'
import type { Clock } from '../core/clock.ts'
import type { Analyzer } from '../core/documents/analysis.ts'
import type { Database } from '../store/database.ts'

/** What only the process that runs batches can do. In any other process it is absent, and a face says so. */
export interface Control {
  /** Asks for a batch; the answer says whether it starts now or after the one under way. */
  run(): 'started' | 'queued'
}

/** What the faces stand on. Nothing of it belongs to one face. */
export interface FaceDeps {
  readonly db: Database
  readonly config: Config
  readonly clock: Clock
  readonly analyzer: Analyzer
  readonly control?: Control
}
