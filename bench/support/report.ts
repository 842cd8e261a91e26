/** A bound on a figure; both may be given. */
export interface Target {
  readonly min?: number
  readonly max?: number
}

/** Prints the last line of a benchmark: what was measured, what others reach, what was aimed at, and whether it is met. */
export function report(
  bench: string,
  figures: Readonly<Record<string, number>>,
  peers: Readonly<Record<string, number>>,
  targets: Readonly<Record<string, Target>>,
): void {
  const met = Object.entries(targets).every(([name, { min, max }]) => {
    const figure = figures[name]
    return figure !== undefined && (min === undefined || figure >= min) && (max === undefined || figure <= max)
  })
  console.log(JSON.stringify({ bench, figures, peers, targets, met }))
}
