/** How far the events of lately have moved away from those that the models in force were trained on. */
export interface DriftReport {
  /** Model version that it is measured against. */
  readonly version: number
  /** Events in the window, older ones weighing less. With few of them nothing is concluded. */
  readonly events: number
  /** Share of events whose template the models do not know, lately and in normal data held out from training. */
  readonly templates: { readonly unknown: number; readonly expected: number }
  /** The features that moved furthest, first the one that moved most. */
  readonly features: readonly FeatureDrift[]
  /** Features whose index is above the limit, and how many there are. */
  readonly moved: number
  readonly measured: number
  /** Events since the last training of kinds of log that the models have not learnt, and do not judge; most first. */
  readonly strange?: readonly { readonly kind: string; readonly events: number }[]
  /** none; some: worth a look; retrain: beyond what the configuration lets pass. */
  readonly level: 'none' | 'some' | 'retrain'
  /** In a sentence. */
  readonly summary: string
}

export interface FeatureDrift {
  readonly kind: 'http' | 'security'
  readonly name: string
  /** Population stability index against the training data: below 0.1 nothing, above 0.25 another distribution. */
  readonly psi: number
}

/** Name of the checkpoint that the latest report is kept in. */
export const DRIFT = 'learning.drift'

export function encodeDrift(report: DriftReport): Uint8Array {
  return Buffer.from(JSON.stringify(report))
}

export function decodeDrift(bytes: Uint8Array | undefined): DriftReport | undefined {
  return bytes && bytes.length > 0 ? (JSON.parse(Buffer.from(bytes).toString()) as DriftReport) : undefined
}
