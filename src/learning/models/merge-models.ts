import { type ForestModel, KINDS } from '../../detectors/isolation-forest/model.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { CycleResult } from '../training/cycle.ts'
import type { ModelContent } from './model-set.ts'

/**
 * Merges the result of a training cycle into the models in use. A kind of event with too little new data keeps its
 * previous forest. The result has no transformer yet.
 * @param trainedOn events of the cycle
 */
export function mergeModels(
  previous: ModelContent | undefined,
  { sessions: _, ...result }: CycleResult,
  trainedOn: number,
): ModelContent {
  const forest = mergeForests(previous?.forest ?? {}, result.forest)
  return { ...result, forest, learntFrom: mergeCounts(previous, result), trainedOn }
}

/** Returns `previous` itself if nothing new was learnt. */
function mergeForests(previous: ForestModel, learnt: ForestModel): ForestModel {
  const known = KINDS.filter((kind) => learnt[kind] !== undefined)
  return known.length === 0
    ? previous
    : { ...previous, ...Object.fromEntries(known.map((kind) => [kind, learnt[kind]])) }
}

/** Undefined if a carried-over forest is older than the counts per kind of log. */
function mergeCounts(
  previous: ModelContent | undefined,
  result: Pick<CycleResult, 'forest' | 'learntFrom'>,
): LogCounts | undefined {
  const carried = KINDS.filter((kind) => previous?.forest[kind] !== undefined && result.forest[kind] === undefined)
  if (carried.length === 0) return result.learntFrom
  if (previous?.learntFrom === undefined) return undefined
  const isCarried = (log: string) => carried.includes(log === 'access' ? 'http' : 'security')
  const counts = Object.entries(previous.learntFrom).filter(([log]) => isCarried(log))
  return { ...result.learntFrom, ...Object.fromEntries(counts) }
}
