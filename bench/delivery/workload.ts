import type { Finding } from '../../src/core/documents/finding.ts'
import { aFinding } from '../../test/support/blocks/findings.ts'

/** Addresses that take turns, so that findings of many incidents are interleaved. */
const ADDRESSES = 200

/** Finding `n` of the workload; its line in the log is `n + 1`, by which the order of arrival is checked. */
export function incidentFinding(n: number): Finding {
  return aFinding({ n, who: `198.51.100.${n % ADDRESSES}`, score: 0.72 + (n % 25) / 100 })
}
