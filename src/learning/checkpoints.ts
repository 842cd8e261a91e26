import { messageOf, OddlineError } from '../core/errors.ts'

/** Named bytes of state, committed together with the offsets of the lines that led to it. */
export interface Checkpoint {
  readonly name: string
  readonly value: Uint8Array
}

/** Reads a committed checkpoint by name; undefined if there is none. */
export type LoadCheckpoint = (name: string) => Uint8Array | undefined

/** Who is told of what cannot be read. Judging goes on without it. */
export interface LossReport {
  onBadModel(error: OddlineError, version: number): void
  /** `checkpoint`: its name. */
  onBadState(checkpoint: string, error: OddlineError): void
}

/**
 * Restores a checkpoint: the only place where saved bytes enter the learning. If they are damaged, of another version or
 * of another shape, `onBad` is told, and the caller continues without them.
 * @returns whether the state was restored
 * @throws OddlineError of any code but MODEL_INVALID: a thread that died says nothing about the bytes
 */
export async function restoreOrReport(
  checkpoint: string,
  restore: () => void | Promise<void>,
  onBad: LossReport['onBadState'],
): Promise<boolean> {
  try {
    await restore()
    return true
  } catch (error) {
    onBad(checkpoint, asInvalid(error, `The saved ${checkpoint} cannot be read`))
    return false
  }
}

/** What a decoder threw, as MODEL_INVALID. Damaged bytes can make it throw anything. */
export function asInvalid(error: unknown, what: string): OddlineError {
  if (!(error instanceof OddlineError)) {
    return new OddlineError('MODEL_INVALID', `${what}: ${messageOf(error)}.`, { cause: error })
  }
  if (error.code === 'THREAD_FAILED') throw error
  return error
}
