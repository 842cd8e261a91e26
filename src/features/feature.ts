/**
 * How a value is said to people. `rarity`: bits, said as a share of requests. `variety`: bits, said as a number of
 * characters. `unlikeness`: a value without a unit of its own, said without the number.
 */
export type FeatureUnit = 'number' | 'seconds' | 'share' | 'rarity' | 'variety' | 'unlikeness'

/** A column of a feature matrix, for explanations and for training custom models. */
export interface Feature {
  readonly name: string
  /** What is said of the value, with `{}` for it; of a rarity what is rare. `{one|many}` depends on the value. */
  readonly label: string
  /** `log`: the column contains ln(1 + value). */
  readonly scale: 'linear' | 'log'
  readonly unit: FeatureUnit
  /**
   * True if the value depends on the amount of data learnt, so a change of its distribution does not indicate drift.
   */
  readonly learnt?: true
}

/** The value of a column in its natural unit, rounded to three decimals. */
export function natural(feature: Feature, stored: number): number {
  const value = feature.scale === 'log' ? Math.expm1(stored) : stored
  return Math.round(value * 1000) / 1000
}

/** The feature rows of a block; row i belongs to event i. The data is valid until the extractor's next call. */
export interface FeatureRows {
  readonly rows: number
  readonly features: readonly Feature[]
  /** Shape rows x features.length, row-major. */
  readonly data: Float32Array
}

export function log(name: string, label: string, unit: FeatureUnit = 'number'): Feature {
  return { name, label, scale: 'log', unit }
}

export function learnt(name: string, label: string, unit: FeatureUnit): Feature {
  return { name, label, scale: 'linear', unit, learnt: true }
}

export function linear(name: string, label: string, unit: FeatureUnit = 'number'): Feature {
  return { name, label, scale: 'linear', unit }
}
