import { BOUNDARY, bareText, weightOfAny } from '../../prefilter/weight.ts'

/** Facts about all matches of a sub-expression. */
export interface Facts {
  /** All possible matches, if there are few. */
  readonly exact: readonly string[] | undefined
  /** Sets of literals; every match contains at least one literal of each set. */
  readonly sets: readonly (readonly string[])[]
  /** True if every match has only non-word characters or is an anchor, so its neighbours are at word boundaries. */
  readonly edge: boolean
  /**
   * Every match begins and ends with one of these (possibly the same characters): the repeated part of a repetition.
   */
  readonly ends?: readonly string[]
}

export const UNKNOWN: Facts = { exact: undefined, sets: [], edge: false }
export const ANCHOR: Facts = { exact: [BOUNDARY], sets: [], edge: true }
export const SEPARATOR: Facts = { exact: undefined, sets: [], edge: true }
const MAX_EXACT = 200
const MAX_SETS = 4

/** The sets of literals, rarest first. */
export function setsOf({ exact, sets }: Facts): readonly (readonly string[])[] {
  const all = exact && isRequired(exact) ? [exact, ...sets] : sets
  if (all.length < 2) return all
  const weighed = all.map((set) => ({ set, weight: weightOfAny(set) }))
  return weighed
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_SETS)
    .map(({ set }) => set)
}

function isRequired(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => bareText(text) !== '')
}

export function concat(items: readonly Facts[]): Facts {
  let run: readonly string[] = ['']
  let complete = true
  const sets: (readonly string[])[] = []
  const flush = (next: readonly string[]) => {
    if (isRequired(run)) sets.push(run)
    run = next
  }
  for (const item of items) {
    sets.push(...item.sets)
    if (item.exact && run.length * item.exact.length <= MAX_EXACT) {
      run = cross(run, item.exact)
      continue
    }
    complete = false
    if (item.ends && run.length * item.ends.length <= MAX_EXACT) {
      run = cross(run, item.ends)
      flush(item.ends)
      continue
    }
    if (item.edge) run = run.map((text) => text + BOUNDARY)
    flush(item.exact ?? [item.edge ? BOUNDARY : ''])
  }
  const exact = complete ? run : undefined
  if (!complete) flush([''])
  return {
    exact,
    sets: setsOf({ exact: undefined, sets, edge: false }),
    edge: items.length > 0 && items.every(({ edge }) => edge),
  }
}

function cross(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set(left.flatMap((a) => right.map((b) => a + b)))]
}

export function union(items: readonly Facts[]): Facts {
  if (items.length === 1) return items[0]
  const exact = items.every((item) => item.exact) ? [...new Set(items.flatMap((item) => item.exact!))] : undefined
  const strongest = items.map((item) => setsOf(item)[0] ?? [])
  const merged = strongest.every((set) => set.length > 0) ? [...new Set(strongest.flat())] : []
  return {
    exact: exact && exact.length <= MAX_EXACT ? exact : undefined,
    sets: merged.length > 0 && merged.length <= MAX_EXACT ? [merged] : [],
    edge: items.every(({ edge }) => edge),
  }
}
