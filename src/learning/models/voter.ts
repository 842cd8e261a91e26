import type { EventBlock } from '../../core/columns/block.ts'
import type { Detector } from '../../detectors/detector.ts'
import { scorer } from '../../ensemble/calibrate.ts'
import type { Calibration } from '../../ensemble/calibration.ts'
import type { LearntLogs } from '../logs/learnt-logs.ts'

/** A detector with its weight in the vote and the calibration of its scores. */
export interface Voter {
  readonly detector: Detector
  readonly weight: number
  /**
   * Converts the raw scores of a block to calibrated scores, 0 to 1. NaN means that the detector abstains: it gave no raw
   * score, or its model has not learnt this kind of log. `raw` is not modified.
   */
  calibrate(block: EventBlock, raw: Float32Array): Float32Array
}

/** A voter for a learnt detector. `calibrationOf` returns undefined for events that the model cannot judge. */
export function learntVoter(
  detector: Detector,
  options: { readonly weight: number; readonly contamination: number; readonly logs: LearntLogs },
  calibrationOf: (block: EventBlock) => Calibration | undefined,
): Voter {
  const { weight, contamination, logs } = options
  const scorers = new Map<Calibration, ReturnType<typeof scorer>>()
  return {
    detector,
    weight,
    calibrate(block, raw) {
      const calibration = calibrationOf(block)
      if (!calibration) return new Float32Array(raw.length).fill(Number.NaN)
      const known = scorers.get(calibration) ?? scorer(calibration, contamination)
      scorers.set(calibration, known)
      return known(logs.abstain(block, raw))
    },
  }
}
