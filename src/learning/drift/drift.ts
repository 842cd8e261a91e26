import type { DriftReport, FeatureDrift } from '../../core/documents/drift.ts'
import { SCHEMAS } from '../../detectors/isolation-forest/extractors.ts'
import { KINDS, type Kind } from '../../detectors/isolation-forest/model.ts'
import { stabilityIndex } from '../../features/bins.ts'
import type { Feature } from '../../features/feature.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import type { ModelSet } from '../models/model-set.ts'
import type { DriftCounts } from './drift-meter.ts'

export interface DriftLimits {
  /** A retraining is due if the share of unknown templates exceeds that of the training data by this much. */
  readonly templates: number
  /** A feature has drifted if its population stability index is at least this. */
  readonly index: number
}

/** Recent counts of the detectors. */
export interface DriftMeasurement {
  /** Feature values per bin, from the isolation forest. */
  readonly features: DriftCounts
  /** Unknown templates, from the transformer. */
  readonly templates: DriftCounts
}

/** Share of the features that must have drifted. Single features change with the time of day. */
const MOVED_SHARE = 0.25
/** Minimum number of counted events per kind; with fewer, nothing is concluded. */
const MIN_COUNTED = 250
/** Features and kinds of log named in a report. */
const SHOWN = 5

/** Compares recent events with the training data of the models. */
export function driftOf(models: ModelSet, { features, templates }: DriftMeasurement, limits: DriftLimits): DriftReport {
  const indices = KINDS.flatMap((kind) => featureDrift(models, kind, features[kind]))
  const moved = indices.filter(({ psi }) => psi >= limits.index).length
  const unknown = unknownShares(models, templates)
  const excess = unknown.unknown - unknown.expected
  const retrain = excess >= limits.templates || (moved > 0 && moved >= MOVED_SHARE * indices.length)
  const some = moved > 0 || excess >= limits.templates / 2
  const counted = KINDS.map((kind) => Math.max(features[kind]?.total ?? 0, templates[kind]?.total ?? 0))
  const report = {
    version: models.version,
    events: Math.round(counted.reduce((a, b) => a + b, 0)),
    templates: unknown,
    features: indices.sort((a, b) => b.psi - a.psi).slice(0, SHOWN),
    moved,
    measured: indices.length,
    level: retrain ? ('retrain' as const) : some ? ('some' as const) : ('none' as const),
  }
  return { ...report, summary: inWords(report) }
}

/** Adds the kinds of log that the models have not learnt and therefore do not judge. */
export function withUnlearntLogs(report: DriftReport, counts: LogCounts): DriftReport {
  const kinds = Object.entries(counts).sort((a, b) => b[1] - a[1])
  if (kinds.length === 0) return report
  const strange = kinds.slice(0, SHOWN).map(([kind, events]) => ({ kind, events }))
  const named = strange.map(({ kind, events }) => `${kind} (${events.toLocaleString('en-US')} events)`).join(', ')
  const summary = `${report.summary} Rules alone judge logs of kinds that the models have not learnt yet: ${named}.`
  return { ...report, strange, summary }
}

function featureDrift(models: ModelSet, kind: Kind, counted: DriftCounts[Kind]): FeatureDrift[] {
  const part = models.forest[kind]
  const { bins } = part ?? {}
  if (!part || !bins || !counted || counted.total < MIN_COUNTED) return []
  const features: readonly Feature[] = SCHEMAS[kind].features
  return features.flatMap(({ name, learnt }, c) => {
    if (learnt) return []
    const psi = stabilityIndex(bins, counted.counts, counted.total, c)
    return [{ kind, name, psi: Math.round(psi * 1000) / 1000 }]
  })
}

/** Shares of events with an unknown template, recent and expected, over both kinds of events. */
function unknownShares({ transformer }: ModelSet, counts: DriftCounts): DriftReport['templates'] {
  let [unknown, expected, total] = [0, 0, 0]
  for (const kind of KINDS) {
    const counted = counts[kind]
    const share = transformer?.unknown?.[kind]
    if (!counted || share === undefined || counted.total < MIN_COUNTED) continue
    unknown += counted.counts[0]
    expected += share * counted.total
    total += counted.total
  }
  const round = (share: number) => Math.round(share * 10_000) / 10_000
  return total === 0
    ? { unknown: 0, expected: 0 }
    : { unknown: round(unknown / total), expected: round(expected / total) }
}

function inWords({ events, templates, features, moved, measured }: Omit<DriftReport, 'summary'>): string {
  if (measured === 0) return 'Too few events have been judged to tell.'
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const [first] = features
  const furthest = moved > 0 ? `, ${first.name} furthest (index ${first.psi})` : ''
  return (
    `Of ${events.toLocaleString('en-US')} events counted lately ${percent(templates.unknown)} are of templates that ` +
    `the models do not know (${percent(templates.expected)} in training); ${moved} of ${measured} features moved${furthest}.`
  )
}
