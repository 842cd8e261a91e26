import { tailShare } from '../../ensemble/calibrate.ts'
import { type Feature, natural } from '../../features/feature.ts'
import { SCHEMAS } from './extractors.ts'
import type { ForestPart, Kind } from './model.ts'
import { attribute } from './trees/attribute.ts'

/** Features named in an explanation. */
const SHOWN = 3
const GROUPED = new Intl.NumberFormat('en')

export interface FeatureShare {
  readonly name: string
  readonly actual: number
  readonly typical: number
  /** Part of the score that this feature caused, 0 to 1. */
  readonly share: number
}

export interface ScoredRow {
  readonly row: Float32Array
  /** The forest's raw score of the row. */
  readonly score: number
  /** One in this many normal events has at least this score. */
  readonly rarity: number
  /** Name of the most unusual query parameter; empty if there is none. */
  readonly culprit: string
}

/** The features that caused a score, strongest first, and a sentence about them. */
export function explainRow(
  part: ForestPart,
  kind: Kind,
  { row, score, rarity, culprit }: ScoredRow,
): { features: FeatureShare[]; summary: string } {
  const shares = sharesOf(part, row, score)
  const schema: readonly Feature[] = SCHEMAS[kind].features
  const strongest = Array.from(shares, (share, column) => ({ share, column }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || a.column - b.column)
    .slice(0, SHOWN)
  const features = strongest.map(({ share, column }) => ({
    name: schema[column].name,
    actual: natural(schema[column], row[column]),
    typical: natural(schema[column], part.medians[column]),
    share: Math.round(share * 1000) / 1000,
  }))
  const reasons = strongest.map(({ column }, i) => {
    const named = schema[column].name === 'parameter_oddity' && culprit !== '' ? ` (parameter ${quoted(culprit)})` : ''
    return `${schema[column].label}${named} is ${features[i].actual}, typically ${features[i].typical}`
  })
  const what = kind === 'http' ? 'requests' : 'security events'
  const why = reasons.length === 0 ? 'no single feature stands out' : reasons.join('; ')
  return { features, summary: `One in ${GROUPED.format(rarity)} normal ${what} is as odd: ${why}.` }
}

/**
 * The share of each column in the score. The forest and each expert column weigh -log10 of their tail share; the weight of
 * the forest is divided among the columns that shortened the path (`attribute.ts`).
 */
function sharesOf(part: ForestPart, row: Float32Array, score: number): Float64Array {
  const shares = attribute(part.forest, row).map((saved) => Math.max(0, saved))
  const total = shares.reduce((sum, share) => sum + share, 0)
  const weight = -Math.log10(tailShare(part.forestCalibration, score))
  for (let column = 0; column < shares.length; column++) shares[column] *= total > 0 ? weight / total : 0
  for (const { column, calibration } of part.experts) shares[column] -= Math.log10(tailShare(calibration, row[column]))
  const sum = shares.reduce((all, share) => all + share, 0)
  return sum > 0 ? shares.map((share) => share / sum) : shares
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name)
}
