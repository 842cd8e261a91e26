import type { Database } from '../store/database.ts'
import { type Silence, Silences } from '../store/delivery/silences.ts'

/** Silences in force, the one that ends first comes first; with `over`, also those that have ended. */
export function listSilences(db: Database, now: number, over = false): Silence[] {
  return new Silences(db).list(over ? 0 : now)
}
