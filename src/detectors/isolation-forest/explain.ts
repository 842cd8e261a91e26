import { tailShare } from '../../ensemble/calibrate.ts'
import { type Rareness, rarenessText } from '../../ensemble/how-rare.ts'
import { highEdge } from '../../features/bins.ts'
import { type Feature, natural } from '../../features/feature.ts'
import { phraseOf, type Sayings } from '../../features/phrase.ts'
import { SCHEMAS } from './extractors.ts'
import type { ForestPart, Kind } from './model.ts'
import { attribute } from './trees/attribute.ts'

/** Features in the evidence. */
const SHOWN = 3
/** Reasons in the sentence; the transformer adds a third. */
const SAID = 2

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
  readonly rarity: Rareness
  readonly sayings: Sayings
}

/** The features that caused a score, strongest first, and a sentence about them. */
export function explainRow(
  part: ForestPart,
  kind: Kind,
  { row, score, rarity, sayings }: ScoredRow,
): { features: FeatureShare[]; summary: string } {
  const shares = sharesOf(part, row, score)
  const schema: readonly Feature[] = SCHEMAS[kind].features
  const ranked = [...shares.keys()]
    .filter((column) => shares[column] > 0)
    .sort((a, b) => shares[b] - shares[a] || a - b)
  const features = ranked.slice(0, SHOWN).map((column) => ({
    name: schema[column].name,
    actual: natural(schema[column], row[column]),
    typical: natural(schema[column], part.medians[column]),
    share: Math.round(shares[column] * 1000) / 1000,
  }))
  return {
    features,
    summary: `${rarenessText(rarity, kind)}: ${reasons(part, schema, ranked, { row, kind, sayings })}.`,
  }
}

/** The first reasons that differ from what is usual. */
function reasons(
  part: ForestPart,
  schema: readonly Feature[],
  ranked: readonly number[],
  { row, kind, sayings }: Pick<ScoredRow, 'row' | 'sayings'> & { readonly kind: Kind },
): string {
  const things = kind === 'http' ? 'requests' : 'events'
  const said = new Set<string>()
  for (const column of ranked) {
    if (said.size === SAID) break
    const feature = schema[column]
    if (feature.unit === 'unlikeness' && !isUnlike(part, column, row[column])) continue
    const phrase = phraseOf(feature, natural(feature, row[column]), natural(feature, part.medians[column]), things)
    const reason = phrase && (sayings[feature.name] ?? phrase)
    if (reason) said.add(reason)
  }
  return said.size === 0 ? 'its values are unusual together, not one by one' : [...said].join('; ')
}

/** True if a value is at least twice as far above the median as nine tenths of the held-out values are. */
function isUnlike({ medians, bins }: ForestPart, column: number, value: number): boolean {
  const median = medians[column]
  const high = bins === undefined ? 2 * median : highEdge(bins.edges, column)
  return value > median && value - median >= 2 * (high - median)
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
