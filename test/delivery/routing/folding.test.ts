import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Finding } from '../../../src/core/documents/finding.ts'
import type { Routes } from '../../../src/delivery/routing/routes.ts'
import { makeFinding, NOON } from '../../faces/support/findings.ts'
import { aState, commit } from '../../support/delivery.ts'

const HOUR = 3_600_000
const routes: Routes = { findings: [], notices: [], grouping: { gapMs: HOUR, resolveAfterMs: HOUR } }

/** What the database holds of incidents after findings that came in these commits. */
function incidentsAfter(commits: readonly (readonly Finding[])[]): unknown {
  const state = aState()
  try {
    for (const findings of commits) commit(state.db, findings, routes, NOON)
    const incidents = state.db.prepare('SELECT * FROM incidents ORDER BY id').all()
    const held = state.db.prepare('SELECT * FROM incident_findings ORDER BY seq').all()
    return { incidents, held }
  } finally {
    state.close()
  }
}

it('findings come to the same incidents in one commit, in two, and one by one', () => {
  const sketch = fc.record({ hour: fc.integer({ min: 0, max: 6 }), client: fc.integer({ min: 1, max: 2 }) })
  fc.assert(
    fc.property(fc.array(sketch, { minLength: 1, maxLength: 10 }), fc.nat(10), (sketches, cut) => {
      const findings = sketches.map(({ hour, client }, line) =>
        makeFinding({ line, at: NOON + 1.5 * hour * HOUR, address: `192.0.2.${client}` }),
      )
      const together = incidentsAfter([findings])
      expect(together).toEqual(incidentsAfter(findings.map((finding) => [finding])))
      expect(together).toEqual(incidentsAfter([findings.slice(0, cut), findings.slice(cut)]))
    }),
    { numRuns: 25 },
  )
})
