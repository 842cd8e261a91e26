import { calibrate, tailShare } from '../../../ensemble/calibrate.ts'
import type { Calibration } from '../../../ensemble/calibration.ts'
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

/** Parts of the normal sessions, of which the later half is judged by those before it. */
const PARTS = 10

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
   * Takes normal sessions in the order of time. Steps are calibrated on the sessions that the transformer was not trained on (`heldOut`, by their places). Contents
   * are calibrated as they will be judged, by what came before: each session of the later half on its distance to the
   * profile of those before it, because sessions drawn at random would be held against what came after them as well, and
   * seem more alike than new ones will be. How the two go together takes more sessions than are held out, so the others
   * take part by the rank of their scores among themselves: a model that knows them scores them lower, but still orders
   * them.
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

  /** Share of normal sessions at least as odd, by both. */
  share(session: Int32Array, worst: number): number {
    const { profile, steps, contents, both } = this.parts
    return tailShare(both, rarity(steps, worst) + rarity(contents, profile.distance(session)))
  }
}

function rarity(calibration: Calibration, score: number): number {
  return -Math.log10(tailShare(calibration, score))
}

/** By place, the distance of each session of the later half to the profile of those before its tenth. */
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
