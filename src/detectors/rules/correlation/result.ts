import type { Correlation } from '../sigma/model.ts'

/** The result of a correlation that fired. */
export interface CorrelationResult {
  /** The number that the condition tested: events, distinct values, sum, average, percentile, or rules seen. */
  readonly measure: number
  readonly events: number
  readonly firstTime: number
}

/** True if a measure meets the condition. NaN does not. */
export function meetsCondition(measure: number, { thresholds }: Correlation): boolean {
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

/** A condition with only an upper bound is true from the start, so it is evaluated at the end of its timespan. */
export function isEvaluatedAtEnd({ type, thresholds }: Correlation): boolean {
  if (type.startsWith('oddline_')) return false
  return thresholds.length > 0 && thresholds.every(({ operator }) => ['lt', 'lte', 'neq'].includes(operator))
}
