import {
  emptyTotals,
  type FileCounts,
  type FileTally,
  type ReadProblem,
  type Totals,
} from '../../core/documents/batch.ts'
import type { Finding } from '../../core/documents/finding.ts'
import { countTraffic, emptyTraffic } from '../../core/documents/traffic.ts'
import { kindOfReject, type Reject } from '../../core/parsed.ts'
import type { AdjustedCounts } from '../judge.ts'
import type { BlockAccount } from '../source/block-source.ts'

export class Tally {
  readonly totals: Totals
  readonly #files = new Map<string, FileTally>()
  #adjusted: AdjustedCounts = new Map()

  /** `saved` is the JSON of the batch that is being resumed. */
  constructor(saved?: string) {
    this.totals = saved ? JSON.parse(saved) : emptyTotals()
    for (const file of this.totals.files) this.#files.set(file.path, file)
  }

  block({ path, format, counts, bytes }: BlockAccount<unknown>, time: Float64Array): void {
    const file = this.#file(path, format)
    for (const [name, count] of Object.entries(counts) as [keyof FileCounts, number][]) {
      file[name] += count
      this.totals[name] += count
    }
    this.totals.traffic ??= emptyTraffic()
    countTraffic(this.totals.traffic, time)
    this.totals.bytes += bytes
  }

  /** Counts rejects by reason. @returns those to list: the first `most` of each file and reason */
  rejects(path: string, format: string, rejects: readonly Reject[], most: number): readonly Reject[] {
    if (rejects.length === 0) return rejects
    const file = this.#file(path, format)
    file.reject_reasons ??= {}
    const counts = file.reject_reasons
    const listed = rejects.filter((reject) => {
      const kind = kindOfReject(reject)
      bump(counts, kind)
      return counts[kind] <= most
    })
    const unlisted = rejects.length - listed.length
    if (unlisted > 0) this.totals.rejects_unlisted = (this.totals.rejects_unlisted ?? 0) + unlisted
    return listed
  }

  findings(findings: readonly { readonly finding: Finding }[]): void {
    const { findings: totals } = this.totals
    for (const {
      finding: { oddline, log },
    } of findings) {
      totals.total++
      bump(totals.by_severity, oddline.severity)
      for (const { detector } of oddline.evidence) bump(totals.by_detector, detector)
      for (const type of oddline.attack_types) bump(totals.by_attack_type, type)
      const file = this.#files.get(log.file.path)
      if (file) file.findings++
    }
  }

  /** What adjustments have done since the last commit. */
  adjusted(counts: AdjustedCounts): void {
    for (const [id, { suppressed, weakened }] of counts) {
      const sum = this.#adjusted.get(id) ?? { suppressed: 0, weakened: 0 }
      this.#adjusted.set(id, { suppressed: sum.suppressed + suppressed, weakened: sum.weakened + weakened })
      this.totals.adjusted ??= { suppressed: 0, weakened: 0 }
      this.totals.adjusted.suppressed += suppressed
      this.totals.adjusted.weakened += weakened
    }
  }

  takeAdjusted(): AdjustedCounts {
    const taken = this.#adjusted
    this.#adjusted = new Map()
    return taken
  }

  problems(problems: readonly ReadProblem[]): void {
    const known = new Set(this.totals.problems.map(({ path, kind }) => `${kind} ${path}`))
    for (const problem of problems) {
      const name = `${problem.kind} ${problem.path}`
      if (!known.has(name)) this.totals.problems.push(problem)
      known.add(name)
    }
  }

  #file(path: string, format: string): FileTally {
    let file = this.#files.get(path)
    if (!file) {
      file = { path, format, lines: 0, parsed: 0, rejected: 0, skipped: 0, truncated: 0, findings: 0 }
      this.#files.set(path, file)
      this.totals.files.push(file)
    }
    return file
  }
}

function bump(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
