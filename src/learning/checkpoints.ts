import { OddlineError } from '../core/errors.ts'

/** Named bytes of state, committed together with the offsets of the lines that led to it. */
export interface Checkpoint {
  readonly name: string
  readonly value: Uint8Array
}

/** Reads a committed checkpoint by name; undefined if there is none. */
export type LoadCheckpoint = (name: string) => Uint8Array | undefined

/**
 * Restores saved state. If it is damaged or has another format, `report` is told, and the caller continues without it.
 * @returns whether the state was restored
 * @throws every error that is not an OddlineError
 */
export async function restoreOrReport(
  restore: () => void | Promise<void>,
  report: (error: OddlineError) => void,
): Promise<boolean> {
  try {
    await restore()
    return true
  } catch (error) {
    if (!(error instanceof OddlineError)) throw error
    report(error)
    return false
  }
}
