import { readTotals } from '../queries/batches.ts'
import type { FaceDeps } from './ports.ts'

/** Events judged so far: those of the batches, and those that this process judged on request. */
export function logsProcessed({ db, analyzer }: Pick<FaceDeps, 'db' | 'analyzer'>): number {
  return readTotals(db).parsed + analyzer.judged
}
