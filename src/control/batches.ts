import { OddlineError } from '../core/errors.ts'

/** The process that runs batches, as a person may ask it for one. */
export interface BatchRunner {
  /** Starts a batch, or queues one behind the batch under way. */
  request(): 'started' | 'queued'
}

/** @throws OddlineError STATE_LOCKED where this process runs no batches */
export function requestBatch(runner: BatchRunner | undefined): 'started' | 'queued' {
  if (runner) return runner.request()
  throw new OddlineError(
    'STATE_LOCKED',
    'This process runs no batches. Ask the process that does: it was started by `oddline run --api`.',
  )
}
