export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Lowest score of each severity, after Elastic's anomaly bands, with a lower `medium` to leave room for context. */
const FLOOR: Record<Severity, number> = { critical: 0.9, high: 0.7, medium: 0.4, low: 0 }

export function severityOf(score: number): Severity {
  if (score >= FLOOR.critical) return 'critical'
  if (score >= FLOOR.high) return 'high'
  if (score >= FLOOR.medium) return 'medium'
  return 'low'
}

export function atLeast(severity: Severity, floor: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(floor)
}
