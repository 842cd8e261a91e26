import type { Config } from '../../config/schema.ts'
import type { BatchResult } from '../../core/documents/batch.ts'
import type { EngineEvent } from '../../core/documents/engine-event.ts'
import type { ConfiguredSink } from '../../delivery/routing/configure.ts'

/** What the engine needs of the configuration. Secrets of sinks do not cross to its thread. */
export type EngineSettings = Pick<
  Config,
  'logs' | 'output' | 'state' | 'retention' | 'models' | 'detection' | 'incidents' | 'workers'
> & {
  readonly sinks: readonly Pick<ConfiguredSink, 'name' | 'takes' | 'settings'>[]
  /** URL of the module that makes the report of a batch (see `Reporter`). */
  readonly reporter?: string
  /** Whether there is one batch only, which then has a folder even if it has nothing to say. */
  readonly single?: boolean
  /** Whether the process serves requests, so that batches yield the processor to them. */
  readonly yields?: boolean
  /** Share of the usual number of events and blocks in flight; less after a batch that ran out of memory. */
  readonly window?: number
}

export type EngineProtocol = {
  readonly settings: EngineSettings
  readonly calls: {
    run(options: { readonly dryRun: boolean }): BatchResult
    /** Waits until the training under way has ended. */
    settle(): void
  }
  readonly orders: {
    /** Ends the run or the wait under way, early and whole, and every later one before its first line. */
    stop(): void
  }
  readonly event: EngineEvent
}
