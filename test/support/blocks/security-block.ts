import { OUTCOME_UNKNOWN, type SecurityBlock, type StringColumn } from '../../../src/core/columns/block.ts'

export interface SecurityEvent {
  readonly user?: string
  readonly sourceIp?: string
  readonly program?: string
  readonly eventType?: string
  readonly message?: string
  readonly outcome?: number
  readonly time?: number
}

/** A block of these events, as parsing makes it. */
export function securityBlock(events: readonly SecurityEvent[]): SecurityBlock {
  const count = events.length
  const column = (value: (event: SecurityEvent) => string | undefined): StringColumn => ({
    at: (index) => value(events[index]) ?? '',
  })
  return {
    kind: 'security',
    source: { id: 1, path: 'auth.log', modifiedAt: 0 },
    format: 'syslog',
    count,
    lines: Uint32Array.from({ length: count }, (_, i) => i + 1),
    offsets: new Float64Array(count),
    lengths: new Uint32Array(count),
    time: Float64Array.from(events, ({ time = Date.UTC(2026, 0, 5, 12) }) => time),
    outcome: Uint8Array.from(events, ({ outcome = OUTCOME_UNKNOWN }) => outcome),
    user: column(({ user }) => user),
    sourceIp: column(({ sourceIp }) => sourceIp),
    program: column(({ program }) => program),
    eventType: column(({ eventType }) => eventType),
    message: column(({ message }) => message),
    host: column(() => ''),
    action: column(() => ''),
    raw: column(() => ''),
  }
}
