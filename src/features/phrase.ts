import { countText, percentText, quoted } from '../core/text/for-people.ts'
import type { Feature, FeatureUnit } from './feature.ts'

/** What to say of features instead of their numbers, by name. An empty text means that the value says nothing. */
export type Sayings = Readonly<Record<string, string>>

/** A share is said in percent from here on, and as "1 of N" below. */
const IN_PERCENT = 0.095
/** Gaps are measured up to an hour, seconds. */
const HOUR = 3600

/**
 * What a value says to people, with the usual value beside it; undefined if it is no different from the usual one. An
 * unlikeness is always said here; whether it is unusual depends on its distribution.
 * @param things what the shares of rarities are shares of, such as `requests`
 */
export function phraseOf(feature: Feature, actual: number, usual: number, things: string): string | undefined {
  const { unit, label } = feature
  if (unit === 'unlikeness') return label
  const [here, there] = [valueText(actual, unit), valueText(usual, unit)]
  if (here === there || (unit === 'rarity' && actual < usual)) return undefined
  const sentence = unit === 'rarity' ? `${label} came in ${here} ${here.endsWith('%') ? 'of ' : ''}${things}` : label
  const one = Math.round(actual) === 1
  const said = sentence.replace('{}', here).replace(/\{(\w*)\|(\w*)\}/g, one ? '$1' : '$2')
  return `${said} (usually ${there})`
}

/** A value in its unit, such as `12 s`, `75 %` or `1 of 4,000`. */
export function valueText(value: number, unit: FeatureUnit): string {
  if (unit === 'seconds') return durationText(value)
  if (unit === 'share') return percentText(value)
  if (unit === 'variety') return countText(2 ** value)
  if (unit === 'rarity') return shareText(2 ** -value)
  return countText(value)
}

/** A share, in percent or as `1 of 4,000`. */
export function shareText(share: number): string {
  return share >= IN_PERCENT ? percentText(share) : `1 of ${countText(1 / share, 2)}`
}

function durationText(seconds: number): string {
  if (seconds >= HOUR) return '1 h or more'
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`
  return seconds < 1 ? 'less than 1 s' : `${Math.round(seconds)} s`
}

/** Says that a text is unusual, with its most unusual part; without one, if the text is empty. */
export function unlike(what: string, part: string): string {
  return `the ${what} is unlike most in training${part === '' ? '' : `, most of all at ${quoted(part)}`}`
}
