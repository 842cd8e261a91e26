import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { retentionStatus } from '../../src/queries/retention.ts'
import { readState } from '../../src/queries/state.ts'
import { bytesIn } from '../support/disk.ts'
import { median } from '../support/measure.ts'

/** What must not grow. */
export interface Sample {
  readonly seconds: number
  readonly rss_mb: number
  readonly descriptors: number
  readonly database_mb: number
  readonly output_mb: number
  /** Findings that retention has removed. */
  readonly removed: number
}

const GROWING = ['rss_mb', 'descriptors', 'database_mb', 'output_mb'] as const

export function sampleOf(pid: number, dir: string, began: number): Sample {
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  const database = ['oddline.db', 'oddline.db-wal'].map((name) => bytesIn(join(dir, 'state', name)))
  const { removed } = readState(join(dir, 'state'), retentionStatus)
  return {
    seconds: Math.round((performance.now() - began) / 1000),
    rss_mb: (Number(resident) * 1024) / 1e6,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    database_mb: (database[0] + database[1]) / 1e6,
    output_mb: bytesIn(join(dir, 'out')) / 1e6,
    removed: (removed?.total.findings ?? 0) + (removed?.total.folders ?? 0),
  }
}

/** The medians of the last third of the samples, and by how much they are above those of the middle third. */
export function growthOf(samples: readonly Sample[]): Record<string, number> {
  const third = Math.floor(samples.length / 3)
  const last = samples.slice(-third)
  const middle = samples.slice(-2 * third, -third)
  const figures = GROWING.map((name) => {
    const [before, after] = [middle, last].map((part) => median(part.map((sample) => sample[name])))
    return [
      [name, Number(after.toFixed(1))],
      [`${name}_growth`, Number((after / before - 1).toFixed(3))],
    ]
  })
  return Object.fromEntries(figures.flat())
}
