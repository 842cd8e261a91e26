import { countText } from '../core/text/for-people.ts'
import { oneIn, tailShare } from './calibrate.ts'
import type { Calibration } from './calibration.ts'

export interface Rareness {
  /** One in this many normal events has at least this score. */
  readonly oneIn: number
  /** Number of held-out events, and whether any of them has at least this score. */
  readonly heldOut: number
  readonly seen: boolean
}

/** How rare a raw score is among normal events. */
export function howRare(calibration: Calibration, raw: number): Rareness {
  const { count, knots } = calibration
  return { oneIn: oneIn(tailShare(calibration, raw)), heldOut: count, seen: raw <= knots[knots.length - 1] }
}

/**
 * Begins the reason of a model, such as "1 in 310 normal requests is as unusual". It says nothing rarer than one in the
 * number of held-out events.
 */
export function rarenessText({ oneIn, heldOut, seen }: Rareness, kind: 'http' | 'security'): string {
  const things = kind === 'http' ? 'requests' : 'security events'
  if (oneIn > heldOut && !seen) return `Not seen in ${countText(heldOut)} normal ${things}`
  return oneIn < 2
    ? `Most normal ${things} are as unusual`
    : `1 in ${countText(Math.min(oneIn, heldOut))} normal ${things} is as unusual`
}
