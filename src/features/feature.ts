/** A column of a feature matrix, for explanations and for training custom models. */
export interface Feature {
  readonly name: string
  /** Name in explanations. */
  readonly label: string
  /** `log`: the column contains ln(1 + value). */
  readonly scale: 'linear' | 'log'
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

export function log(name: string, label: string): Feature {
  return { name, label, scale: 'log' }
}

export function learnt(name: string, label: string): Feature {
  return { name, label, scale: 'linear', learnt: true }
}

export function linear(name: string, label: string): Feature {
  return { name, label, scale: 'linear' }
}
