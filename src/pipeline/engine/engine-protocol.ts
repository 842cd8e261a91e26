import type { Config } from '../../config/schema.ts'
import type { BatchProgress, BatchResult } from '../../core/documents/batch.ts'
import type { Phase } from '../../core/documents/finding.ts'
import type { TrainingProgress } from '../../core/documents/training.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { ConfiguredSink } from '../../delivery/routing/configure.ts'

/** What the engine needs of the configuration; nothing secret crosses to its thread. */
export type EngineSettings = Pick<
  Config,
  'logs' | 'output' | 'state' | 'models' | 'detection' | 'incidents' | 'workers'
> & {
  readonly sinks: readonly Pick<ConfiguredSink, 'name' | 'takes' | 'settings'>[]
  /** URL of the module that makes the page of a batch (see `Reporter`); the composition root names it. */
  readonly reporter?: string
  /** Whether others wait for this process, so that a batch yields to them. */
  readonly yields?: boolean
}

export type EngineRequest =
  | { readonly type: 'run'; readonly dryRun: boolean }
  | { readonly type: 'settle' }
  | { readonly type: 'stop' }
  | { readonly type: 'close' }

export type EngineReply =
  | { readonly type: 'ready' }
  | { readonly type: 'phase'; readonly from: Phase; readonly to: Phase }
  | { readonly type: 'due'; readonly reason: string }
  | { readonly type: 'training'; readonly progress: TrainingProgress }
  | { readonly type: 'training-failed'; readonly reason: string }
  | { readonly type: 'bad-model'; readonly message: string }
  | { readonly type: 'overflowed'; readonly sink: string; readonly findings: number }
  | { readonly type: 'rules'; readonly rules: number }
  | { readonly type: 'bad-rules'; readonly message: string }
  | { readonly type: 'progress'; readonly progress: BatchProgress }
  | { readonly type: 'done'; readonly result: BatchResult }
  | { readonly type: 'settled' }
  | { readonly type: 'failed'; readonly message: string; readonly code?: ErrorCode; readonly stack?: string }
