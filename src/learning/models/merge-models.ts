import { type ForestModel, KINDS } from '../../detectors/isolation-forest/model.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { Harvest } from '../training/cycle.ts'
import type { ModelContent } from './model-set.ts'

/** The models that follow on those before: what was learnt, and what judged before of events of which there was too little. */
export function succeed(
  before: ModelContent | undefined,
  { sessions: _, ...learnt }: Harvest,
  trainedOn: number,
): ModelContent {
  const forest = succeeding(before?.forest ?? {}, learnt.forest)
  return { ...learnt, forest, learntFrom: learntFrom(before, learnt), trainedOn }
}

/** What was learnt, and of kinds of events that there was too little of what judged before; that itself where it is all. */
function succeeding(before: ForestModel, learnt: ForestModel): ForestModel {
  const known = KINDS.filter((kind) => learnt[kind] !== undefined)
  return known.length === 0 ? before : { ...before, ...Object.fromEntries(known.map((kind) => [kind, learnt[kind]])) }
}

/** Undefined where something goes on to judge of which it was not kept what it has learnt. */
function learntFrom(
  before: ModelContent | undefined,
  learnt: Pick<Harvest, 'forest' | 'learntFrom'>,
): LogCounts | undefined {
  const kept = KINDS.filter((kind) => before?.forest[kind] !== undefined && learnt.forest[kind] === undefined)
  if (kept.length === 0) return learnt.learntFrom
  if (before?.learntFrom === undefined) return undefined
  const isKept = (name: string) => kept.includes(name === 'access' ? 'http' : 'security')
  return {
    ...learnt.learntFrom,
    ...Object.fromEntries(Object.entries(before.learntFrom).filter(([name]) => isKept(name))),
  }
}
