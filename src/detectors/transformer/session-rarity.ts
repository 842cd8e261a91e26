import { type Calibration, calibrate, tailShare } from '../../ensemble/calibrate.ts'
import { SessionProfile } from './session-profile.ts'

/** Whole sessions of normal data, and the highest score of the steps of each, its end included, nats. */
export interface ScoredSessions {
  readonly sessions: readonly Int32Array[]
  readonly worst: readonly number[]
}

export interface SessionRarityParts {
  readonly profile: SessionProfile
  readonly steps: Calibration
  readonly contents: Calibration
  readonly both: Calibration
}

const FOLDS = 10

/**
 * How rare a whole session is by its oddest step and by its contents together. The negative logarithms of the two shares
 * of normal sessions at least as odd are added, as in Fisher's method; because odd steps and odd contents come together
 * also in normal sessions, the sum is not read by theory but by its own distribution.
 */
export class SessionRarity {
  readonly parts: SessionRarityParts

  constructor(parts: SessionRarityParts) {
    this.parts = parts
  }

  /**
   * Steps are calibrated on the sessions that the transformer was not trained on, contents on the distance of every
   * session to the profile of folds that it is not in. How the two go together takes more sessions than are held out, so
   * `kept` takes part in that by the rank of its scores among themselves: a model that knows them scores them lower, but
   * still orders them.
   */
  static fit(kept: ScoredSessions, heldOut: ScoredSessions): SessionRarity {
    const distances = crossDistances([...kept.sessions, ...heldOut.sessions])
    const steps = calibrate(heldOut.worst)
    const ranks = calibrate(kept.worst)
    const contents = calibrate(distances)
    const sums = distances.map((distance, i) => {
      const known = i < kept.worst.length
      const step = known ? rarity(ranks, kept.worst[i]) : rarity(steps, heldOut.worst[i - kept.worst.length])
      return step + rarity(contents, distance)
    })
    return new SessionRarity({ profile: SessionProfile.of(kept.sessions), steps, contents, both: calibrate(sums) })
  }

  /** Share of normal sessions at least as odd, by both. */
  share(session: Int32Array, worst: number): number {
    const { profile, steps, contents, both } = this.parts
    return tailShare(both, rarity(steps, worst) + rarity(contents, profile.distance(session)))
  }
}

function rarity(calibration: Calibration, score: number): number {
  return -Math.log10(tailShare(calibration, score))
}

/** The distance of each session to the profile of the other folds. */
function crossDistances(sessions: readonly Int32Array[]): number[] {
  const distances = new Array<number>(sessions.length)
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = SessionProfile.of(sessions.filter((_, i) => i % FOLDS !== fold))
    for (let i = fold; i < sessions.length; i += FOLDS) distances[i] = others.distance(sessions[i])
  }
  return distances
}
