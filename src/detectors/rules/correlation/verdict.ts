import type { Correlation } from '../sigma/model.ts'

/** What a correlation found when it fired. */
export interface Verdict {
  /** The number that the condition was judged by: events, distinct values, sum, average, percentile or rules seen. */
  readonly measure: number
  readonly events: number
  readonly firstTime: number
}

/** Whether a measure fulfils the condition; one that is NaN does not. */
export function holds(measure: number, { thresholds }: Correlation): boolean {
  if (Number.isNaN(measure)) return false
  return thresholds.every(({ operator, value }) => {
    switch (operator) {
      case 'gt':
        return measure > value
      case 'gte':
        return measure >= value
      case 'lt':
        return measure < value
      case 'lte':
        return measure <= value
      case 'eq':
        return measure === value
      case 'neq':
        return measure !== value
      default:
        return operator satisfies never
    }
  })
}

/** A condition with only an upper bound holds of any beginning, so it is judged when its timespan has passed. */
export function judgedAtClose({ type, thresholds }: Correlation): boolean {
  if (type.startsWith('oddline_')) return false
  return thresholds.length > 0 && thresholds.every(({ operator }) => ['lt', 'lte', 'neq'].includes(operator))
}
