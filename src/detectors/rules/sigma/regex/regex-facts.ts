import { BOUNDARY, bareText, weightOfAny } from '../../prefilter/weight.ts'

/** What is known of a sub-expression's matches. */
export interface Facts {
  /** All of them, if they are few. */
  readonly exact: readonly string[] | undefined
  /** Sets of each of which every match holds one. */
  readonly sets: readonly (readonly string[])[]
  /** Every match is made of characters that are not of words, or is an anchor: its neighbours stand at word edges. */
  readonly edge: boolean
  /** Every match begins and ends with one of these, which may be the same characters: what a repetition repeats. */
  readonly ends?: readonly string[]
}

export const UNKNOWN: Facts = { exact: undefined, sets: [], edge: false }
export const ANCHOR: Facts = { exact: [BOUNDARY], sets: [], edge: true }
export const SEPARATOR: Facts = { exact: undefined, sets: [], edge: true }
const MAX_EXACT = 200
const MAX_SETS = 4

/** The strongest sets first. */
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
