/** Maximum number of distinct profiles; the most frequent are kept. */
const MAX_PROFILES = 4096

/**
 * Compares whole sessions by how often each template occurs, ignoring order. A session far from all known count vectors
 * lacks steps, repeats steps or contains foreign steps. The event count vector goes back to Xu et al. 2009 and is still a
 * strong baseline (Landauer et al. 2024).
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

  /** The smallest L1 distance between the counts of the session and those of a known one. */
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
