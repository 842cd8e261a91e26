import { calibrate, estimatesOf } from '../../../ensemble/calibrate.ts'
import type { Calibration } from '../../../ensemble/calibration.ts'
import { SessionProfile } from './session-profile.ts'

/** Whole normal sessions and, for each, the highest score of its steps including its end, nats. */
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

/** Normal sessions are divided into this many parts; each part of the later half is compared with all parts before it. */
const PARTS = 10

/**
 * Rarity of a whole session by its most unusual step and by its contents. As in Fisher's method, the negative logarithms of
 * the two tail shares are added. Because the two are correlated in normal sessions, the sum is calibrated on data
 * instead of compared with the chi-squared distribution.
 */
export class SessionRarity {
  readonly parts: SessionRarityParts

  constructor(parts: SessionRarityParts) {
    this.parts = parts
  }

  /**
   * Calibrates on normal sessions in order of time.
   *
   * - Steps: on the held-out sessions, which the transformer was not trained on.
   * - Contents: each session of the later half by its distance to the profile of earlier sessions, as new sessions will be
   *   judged. A random split would compare sessions with later ones too and underestimate the distance of new ones.
   * - The sum needs more sessions than are held out, so the training sessions take part by the rank of their score among
   *   themselves: the model scores them lower, but orders them alike.
   *
   * @param heldOut indices of the held-out sessions
   */
  static fit({ sessions, worst }: ScoredSessions, heldOut: ReadonlySet<number>): SessionRarity {
    const steps = calibrate(worst.filter((_, i) => heldOut.has(i)))
    const ranks = calibrate(worst.filter((_, i) => !heldOut.has(i)))
    const distances = distancesToEarlier(sessions)
    const contents = calibrate([...distances.values()])
    const sums = [...distances].map(
      ([i, distance]) => rarity(heldOut.has(i) ? steps : ranks, worst[i]) + rarity(contents, distance),
    )
    return new SessionRarity({ profile: SessionProfile.of(sessions), steps, contents, both: calibrate(sums) })
  }

  /** Share of normal sessions that are at least as unusual. `worst`: highest score of its steps, nats. */
  share(session: Int32Array, worst: number): number {
    const { profile, steps, contents, both } = this.parts
    return estimatesOf(both).of(rarity(steps, worst) + rarity(contents, profile.distance(session)))
  }
}

function rarity(calibration: Calibration, score: number): number {
  return -Math.log10(estimatesOf(calibration).of(score))
}

/** By index, the distance of each session of the later half to the profile of the parts before its own. */
function distancesToEarlier(sessions: readonly Int32Array[]): Map<number, number> {
  const distances = new Map<number, number>()
  for (let part = PARTS / 2; part < PARTS; part++) {
    const from = Math.floor((sessions.length * part) / PARTS)
    const before = SessionProfile.of(sessions.slice(0, from))
    const to = Math.floor((sessions.length * (part + 1)) / PARTS)
    for (let i = from; i < to; i++) distances.set(i, before.distance(sessions[i]))
  }
  return distances
}
