import type { Correlation } from '../../sigma/model.ts'
import type { Occurrences } from '../occurrences.ts'
import { DistinctCount } from './distinct-count.ts'
import type { Measure } from './measure.ts'
import { OrderedSteps } from './ordered-steps.ts'
import { Percentile } from './percentile.ts'
import { Sum } from './sum.ts'

/** The measure that the type of a correlation asks for. */
export function measureOf(correlation: Correlation, occurrences: Occurrences): Measure {
  const { type, rules, thresholds } = correlation
  switch (type) {
    case 'value_count':
      return new DistinctCount(occurrences, 0)
    case 'value_sum':
      return new Sum(occurrences)
    case 'value_avg': {
      const sum = new Sum(occurrences)
      return {
        open: (window) => sum.open(window),
        added: (window, mark, last) => sum.added(window, mark, last),
        dropped: (window, mark) => sum.dropped(window, mark),
        of: (window) => sum.of(window) / occurrences.lengthOf(window),
      }
    }
    case 'value_percentile':
      return new Percentile(occurrences, correlation.percentile)
    case 'temporal':
      return new DistinctCount(occurrences, thresholds.length > 0 ? 0 : rules.length)
    case 'temporal_ordered':
      return new OrderedSteps(occurrences, rules.length)
    case 'event_count':
      return count(occurrences)
    case 'oddline_silence':
    case 'oddline_new_value':
      return count(occurrences)
    default:
      return type satisfies never
  }
}

function count(occurrences: Occurrences): Measure {
  return { open() {}, added() {}, dropped() {}, of: (window) => occurrences.lengthOf(window) }
}
