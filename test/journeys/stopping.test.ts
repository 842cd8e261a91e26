import { describe, expect, test } from 'vitest'
import { MAIN } from '../support/cli.ts'
import { STOPPABLE_MODES, stopAtMoments } from '../support/stops.ts'

describe('SIGTERM at any moment of the start ends the program in order', () => {
  test.each(Object.keys(STOPPABLE_MODES))(
    '%s',
    async (mode) => {
      expect((await stopAtMoments(MAIN, mode, mode === 'watch' ? 10 : 3)).failures).toEqual([])
    },
    300_000,
  )
})
