/** What a column of a feature matrix means, for those who read an explanation and for those who train a model of their own. */
export interface Feature {
  readonly name: string
  /** As a sentence names it. */
  readonly label: string
  /** `log`: the column holds ln(1 + value). */
  readonly scale: 'linear' | 'log'
  /** Grows with what has been seen or learnt before, so that its distribution says little of how events change. */
  readonly learnt?: true
}

/** The value of a column in its natural unit. */
export function natural(feature: Feature, stored: number): number {
  const value = feature.scale === 'log' ? Math.expm1(stored) : stored
  return Math.round(value * 1000) / 1000
}

/** The rows of a block: row i belongs to event i. The data belongs to the extractor until it is asked again. */
export interface FeatureRows {
  readonly rows: number
  readonly features: readonly Feature[]
  /** rows x features.length, row-major. */
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
