import fc from 'fast-check'
import { actions, setting } from '../../test/support/rotation/actions.ts'
import { playSequence } from '../../test/support/rotation/sequence.ts'

/** Random sequences of what happens to log files, some with kills; the first that goes wrong is made small and printed. */
export async function playSequences(sequences: number, seed: number) {
  const total = { sequences: 0, kills: 0, rotations: 0, linesIn: 0, linesOut: 0, deletedUnread: 0 }
  const wrong = { duplicates: 0, losses: 0, invented: 0 }
  const property = fc.asyncProperty(setting, actions, async (written, done) => {
    const played = await playSequence(written, done)
    total.sequences++
    total.kills += played.kills
    total.rotations += played.rotations
    total.linesIn += played.linesIn
    total.linesOut += played.linesOut
    total.deletedUnread += played.deletedUnread
    const faults = played.duplicates.length + played.lost.length + played.invented.length
    if (faults === 0) return
    wrong.duplicates += played.duplicates.length
    wrong.losses += played.lost.length
    wrong.invented += played.invented.length
    throw new Error(JSON.stringify({ duplicates: played.duplicates, lost: played.lost, invented: played.invented }))
  })
  const details = await fc.check(property, { numRuns: sequences, seed })
  if (details.failed) process.stderr.write(`${fc.defaultReportMessage(details)}\n`)
  return { ...total, ...wrong }
}
