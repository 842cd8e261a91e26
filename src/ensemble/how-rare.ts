import { countText } from '../core/text/for-people.ts'
import { oneIn, tailShare } from './calibrate.ts'
import type { Calibration } from './calibration.ts'

export interface Rareness {
  /** One in this many normal events has at least this score. */
  readonly oneIn: number
  /** The number of held-out events if none of them has this score; otherwise undefined. */
  readonly notIn?: number
}

/** How rare a raw score is among normal events. */
export function howRare(calibration: Calibration, raw: number): Rareness {
  const { count, knots } = calibration
  const rarity = oneIn(tailShare(calibration, raw))
  if (rarity <= count) return { oneIn: rarity }
  return raw > knots[knots.length - 1] ? { oneIn: rarity, notIn: count } : { oneIn: rarity }
}

/** Begins the reason of a model, such as "1 in 310 normal requests is as unusual". */
export function rarenessText({ oneIn, notIn }: Rareness, kind: 'http' | 'security'): string {
  const things = kind === 'http' ? 'requests' : 'security events'
  if (notIn !== undefined) return `Not seen in ${countText(notIn)} normal ${things}`
  return oneIn < 2 ? `Most normal ${things} are as unusual` : `1 in ${countText(oneIn)} normal ${things} is as unusual`
}
