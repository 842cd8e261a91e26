import type { Config } from '../../config/schema.ts'
import { learningOfReport } from '../../queries/learning.ts'
import type { State } from '../../queries/state.ts'
import { batchReport } from './model.ts'
import { reportHtml } from './page.ts'
import { firstRejects } from './rejects.ts'

/** The report in the folder of a batch, written at its end. */
export function batchFolderReport(
  db: State,
  batch: string,
  rejectsFile: string,
  config: Pick<Config, 'detection'>,
  now: number,
): string {
  const learning = learningOfReport(db, config)
  return reportHtml(batchReport(db, batch, { now, learning, rejects: firstRejects(rejectsFile) }))
}
