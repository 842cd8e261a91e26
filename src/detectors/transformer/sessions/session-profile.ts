/** Distinct profiles that are kept; of more, those seen most often. */
const MAX_PROFILES = 4096

/**
 * What whole sessions are made of, in no order: how often each template occurs. A session whose counts lie far from all
 * that training saw lacks steps, repeats some, or has some that do not belong, whatever their order. The event count
 * vector is the oldest idea of log anomaly detection (Xu et al. 2009) and still hard to beat (Landauer et al. 2024).
 */
export class SessionProfile {
  readonly #profiles: readonly Map<number, number>[]

  constructor(profiles: readonly (readonly (readonly [template: number, count: number])[])[]) {
    this.#profiles = profiles.map((profile) => new Map(profile))
  }

  static of(sessions: readonly Int32Array[], limit = MAX_PROFILES): SessionProfile {
    const seen = new Map<string, { readonly counts: [number, number][]; times: number }>()
    for (const session of sessions) {
      const counts = [...countsOf(session)].sort((a, b) => a[0] - b[0])
      const known = seen.get(counts.join(';'))
      if (known === undefined) seen.set(counts.join(';'), { counts, times: 1 })
      else known.times++
    }
    const frequent = [...seen.values()].sort((a, b) => b.times - a.times)
    return new SessionProfile(frequent.slice(0, limit).map(({ counts }) => counts))
  }

  /** Events to add, drop or exchange until the session has the counts of a known one: the least L1 distance. */
  distance(session: Int32Array): number {
    const counts = countsOf(session)
    let least = Number.POSITIVE_INFINITY
    for (const profile of this.#profiles) least = Math.min(least, difference(counts, profile))
    return least
  }

  toJSON(): [number, number][][] {
    return this.#profiles.map((profile) => [...profile])
  }
}

function countsOf(session: Int32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const template of session) counts.set(template, (counts.get(template) ?? 0) + 1)
  return counts
}

function difference(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): number {
  let sum = 0
  for (const [template, count] of a) sum += Math.abs(count - (b.get(template) ?? 0))
  for (const [template, count] of b) if (!a.has(template)) sum += count
  return sum
}
