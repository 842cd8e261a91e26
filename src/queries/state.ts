import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { asStateError, type Database, openReadOnly } from '../store/database.ts'

/** The state of a state directory, as faces hold it: they hand it to queries and to control, and run no SQL on it. */
export type State = Database

/** Whether anything has run on this state directory. */
export function hasState(dir: string): boolean {
  return existsSync(join(dir, 'oddline.db'))
}

/**
 * Reads a state that another process may be writing.
 * @throws OddlineError STATE_TOO_NEW, STATE_CORRUPT, STATE_BUSY
 */
export function readState<T>(dir: string, read: (state: State) => T): T {
  const state = openReadOnly(dir)
  try {
    return read(state)
  } catch (error) {
    throw asStateError(error, join(dir, 'oddline.db'))
  } finally {
    state.close()
  }
}

/** @throws where the database cannot be read */
export function probe(state: State): void {
  state.prepare('SELECT 1').get()
}
