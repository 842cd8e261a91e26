import { z } from 'zod'

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/
const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A setting such as `500ms`, `30s`, `5m`, `4h` or `3d`. The parsed value is in ms. */
export function durationSetting(fallback: string) {
  return z
    .string()
    .regex(DURATION, 'must be a number and a unit, for example 500ms, 30s, 5m, 4h or 3d')
    .transform(parseDuration)
    .prefault(fallback)
}

/** Ms of a text that is a duration. */
export function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) as RegExpExecArray
  return Number(amount) * UNIT_MS[unit]
}
