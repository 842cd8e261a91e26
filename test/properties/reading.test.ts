import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actions, setting } from '../support/rotation/actions.ts'
import { playSequence } from '../support/rotation/sequence.ts'

const SEQUENCES = Number(process.env.ODDLINE_SEQUENCES ?? 300)

describe('reading', () => {
  it('gives every line once, whatever is done to the files and whenever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(setting, actions, async (written, done) => {
        const { duplicates, lost, invented } = await playSequence(written, done)
        expect({ duplicates, lost, invented }).toEqual({ duplicates: [], lost: [], invented: [] })
      }),
      { numRuns: SEQUENCES, endOnFailure: false },
    )
  }, 600_000)
})
