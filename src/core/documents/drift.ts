import { z } from 'zod'
import { decodeJson } from '../saved-json.ts'

/** How far recent events differ from those that the active models were trained on. */
export interface DriftReport {
  /** Version of the model that events are compared with. */
  readonly version: number
  /** Events in the window, with lower weight for older ones. The report draws no conclusion from a small number. */
  readonly events: number
  /**
   * Share of events with a template that the models do not know: recently, and in normal data held out from training.
   */
  readonly templates: { readonly unknown: number; readonly expected: number }
  /** The features with the highest index, highest first. */
  readonly features: readonly FeatureDrift[]
  /** Number of features with an index above the limit, and number of features measured. */
  readonly moved: number
  readonly measured: number
  /**
   * Kinds of log that the models were not trained on and do not score, with their events since the last training; most
   * first.
   */
  readonly strange?: readonly { readonly kind: string; readonly events: number }[]
  /** none; some: review; retrain: above the configured limit. */
  readonly level: 'none' | 'some' | 'retrain'
  /** The result in one sentence. */
  readonly summary: string
}

export interface FeatureDrift {
  readonly kind: 'http' | 'security'
  readonly name: string
  /** Population stability index against the training data. Below 0.1: no change. Above 0.25: another distribution. */
  readonly psi: number
}

/** Name of the checkpoint that stores the latest report. */
export const DRIFT = 'learning.drift'

export function encodeDrift(report: DriftReport): Uint8Array {
  return Buffer.from(JSON.stringify(report))
}

const DriftSchema: z.ZodType<DriftReport> = z.object({
  version: z.number(),
  events: z.number(),
  templates: z.object({ unknown: z.number(), expected: z.number() }),
  features: z.array(z.object({ kind: z.enum(['http', 'security']), name: z.string(), psi: z.number() })),
  moved: z.number(),
  measured: z.number(),
  strange: z.array(z.object({ kind: z.string(), events: z.number() })).optional(),
  level: z.enum(['none', 'some', 'retrain']),
  summary: z.string(),
})

/** @throws OddlineError MODEL_INVALID if the bytes are damaged */
export function decodeDrift(bytes: Uint8Array | undefined): DriftReport | undefined {
  return bytes && bytes.length > 0 ? decodeJson('report on drift', DriftSchema, bytes) : undefined
}
