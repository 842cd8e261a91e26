/** What a scenario came to. */
export interface Outcome {
  readonly ok: boolean
  /** What was seen, or what failed. */
  readonly detail: string
  readonly figures?: Readonly<Record<string, number>>
}

/** A fault that the program has to survive. */
export interface Scenario {
  readonly name: string
  /** @param dir an empty directory, deleted afterwards; the one above it is shared by all scenarios */
  run(dir: string): Promise<Outcome>
}

/** Figures that are reported as the highest over all scenarios; the others are added up. */
const HIGHEST = /^(?:peak_mb|disk_mb|slowest_.*)$/

/** The figures of several scenarios as one table. */
export function merged(outcomes: readonly Outcome[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const { figures = {} } of outcomes) {
    for (const [name, value] of Object.entries(figures)) {
      const before = total[name] ?? 0
      total[name] = HIGHEST.test(name) ? Math.max(before, value) : before + value
    }
  }
  return total
}

/** An outcome that is fine if all these figures are 0. */
export function expectZero(wrong: Readonly<Record<string, number>>, more: Readonly<Record<string, number>>): Outcome {
  const figures = { ...more, ...wrong }
  const ok = Object.values(wrong).every((count) => count === 0)
  return { ok, detail: JSON.stringify(figures), figures }
}
