import type { State } from '../queries/state.ts'
import { openDatabase } from '../store/database.ts'

/**
 * Opens the state of a directory to give orders in it, also while another process runs batches on it. A directory
 * without a state gets one.
 * @throws OddlineError STATE_TOO_NEW, STATE_CORRUPT, STATE_BUSY, DISK_FULL
 */
export function openState(dir: string): State {
  return openDatabase(dir)
}
