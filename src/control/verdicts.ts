import type { StoredVerdict } from '../core/documents/verdict.ts'
import { OddlineError } from '../core/errors.ts'
import { findingById } from '../queries/findings/findings.ts'
import type { State } from '../queries/state.ts'
import { endAdjustmentsOf } from '../store/adjustments.ts'
import { removeVerdict, saveVerdict } from '../store/verdicts.ts'

/** Records a person's verdict on a finding. @throws OddlineError INPUT_UNREADABLE where there is no such finding */
export function markFinding(db: State, verdict: StoredVerdict): void {
  if (findingById(db, verdict.finding) === undefined) {
    throw new OddlineError('INPUT_UNREADABLE', `There is no finding ${JSON.stringify(verdict.finding)}.`)
  }
  saveVerdict(db, verdict)
}

/**
 * Removes a verdict and ends the adjustments that come from it alone.
 * @returns the ids of these adjustments
 * @throws OddlineError INPUT_UNREADABLE where nobody has judged the finding
 */
export function unmarkFinding(db: State, finding: string, now: number): readonly number[] {
  return db
    .transaction(() => {
      if (!removeVerdict(db, finding)) {
        throw new OddlineError('INPUT_UNREADABLE', `Nobody has judged the finding ${JSON.stringify(finding)}.`)
      }
      return endAdjustmentsOf(db, finding, now)
    })
    .immediate()
}
