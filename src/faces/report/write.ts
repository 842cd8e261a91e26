import type { Config } from '../../config/schema.ts'
import { learningOfReport } from '../../queries/learning.ts'
import type { State } from '../../queries/state.ts'
import { batchReport } from './model.ts'
import { reportHtml } from './page.ts'
import { firstRejects } from './rejects.ts'

/** The report in a folder of results, written at the end of each of its batches. */
export function batchFolderReport(
  db: State,
  batches: readonly string[],
  rejectsFile: string,
  config: Pick<Config, 'detection'>,
  now: number,
): string {
  const learning = learningOfReport(db, config)
  return reportHtml(batchReport(db, batches, { now, learning, rejects: firstRejects(rejectsFile) }))
}
