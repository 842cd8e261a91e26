import {
  type EventBlock,
  type HttpBlock,
  OUTCOME_FAILURE,
  OUTCOME_SUCCESS,
  OUTCOME_UNKNOWN,
  type SecurityBlock,
  SliceColumn,
  type StringColumn,
} from '../../../core/columns/block.ts'
import { ByteText } from '../../../core/columns/byte-text.ts'

/** A request for tests, by fields. Defaults: method GET, status 200, other fields absent. */
export interface RequestFields {
  readonly target: string
  readonly method?: string
  readonly protocol?: string
  readonly status?: number
  readonly bytes?: number
  readonly referer?: string
  readonly user_agent?: string
  readonly client_ip?: string
  readonly user?: string
  readonly vhost?: string
  /** Milliseconds since the epoch. */
  readonly time?: number
}

export interface SecurityFields {
  readonly event_type?: string
  readonly user?: string
  readonly source_ip?: string
  readonly host?: string
  readonly program?: string
  readonly action?: string
  readonly message?: string
  readonly outcome?: 'success' | 'failure'
  readonly time?: number
}

const SOURCE = { id: 0, path: 'inline', modifiedAt: 0 }

function base(count: number, times: readonly (number | undefined)[], raw: readonly string[]) {
  return {
    source: SOURCE,
    count,
    lines: Uint32Array.from({ length: count }, (_, i) => i + 1),
    offsets: new Float64Array(count),
    lengths: Uint32Array.from(raw, (text) => text.length),
    time: Float64Array.from(times, (time) => time ?? Number.NaN),
    raw: columnOf(raw),
  }
}

function columnOf(texts: readonly string[]): StringColumn {
  return { at: (index) => texts[index] }
}

/** A block of requests, as the access log parser would return it. */
export function requestBlock(events: readonly RequestFields[]): HttpBlock {
  let text = ''
  const slices = (of: (event: RequestFields) => string | undefined) => {
    const starts = new Uint32Array(events.length)
    const ends = new Uint32Array(events.length)
    for (const [i, event] of events.entries()) {
      starts[i] = text.length
      text += Buffer.from(of(event) ?? '', 'utf8').toString('latin1')
      ends[i] = text.length
    }
    return { starts, ends }
  }
  const parts = {
    client: slices((event) => event.client_ip),
    user: slices((event) => event.user),
    method: slices((event) => event.method ?? 'GET'),
    target: slices((event) => event.target),
    protocol: slices((event) => event.protocol ?? 'HTTP/1.1'),
    referer: slices((event) => event.referer),
    userAgent: slices((event) => event.user_agent),
    vhost: slices((event) => event.vhost),
  }
  const source = ByteText.of(text)
  const column = ({ starts, ends }: { starts: Uint32Array; ends: Uint32Array }) =>
    new SliceColumn(source, starts, ends, false)
  const raw = events.map((event) => `${event.method ?? 'GET'} ${event.target}`)
  return {
    ...base(
      events.length,
      events.map((event) => event.time),
      raw,
    ),
    kind: 'http',
    format: 'access',
    client: column(parts.client),
    user: column(parts.user),
    method: column(parts.method),
    target: column(parts.target),
    protocol: column(parts.protocol),
    referer: column(parts.referer),
    userAgent: column(parts.userAgent),
    vhost: column(parts.vhost),
    status: Uint16Array.from(events, (event) => event.status ?? 200),
    bytes: Float64Array.from(events, (event) => event.bytes ?? -1),
  }
}

/** A block of security events, as the syslog, JSON and CSV parsers would return it. */
export function securityBlock(events: readonly SecurityFields[]): SecurityBlock {
  const column = (key: Exclude<keyof SecurityFields, 'time'>) => columnOf(events.map((event) => event[key] ?? ''))
  return {
    ...base(
      events.length,
      events.map((event) => event.time),
      events.map((event) => event.message ?? ''),
    ),
    kind: 'security',
    format: 'json',
    user: column('user'),
    sourceIp: column('source_ip'),
    host: column('host'),
    program: column('program'),
    eventType: column('event_type'),
    action: column('action'),
    message: column('message'),
    outcome: Uint8Array.from(events, outcomeOf),
  }
}

function outcomeOf({ outcome, event_type }: SecurityFields): number {
  if (outcome === 'success' || event_type === 'login_success') return OUTCOME_SUCCESS
  if (outcome === 'failure' || event_type === 'login_failure' || event_type === 'invalid_user') return OUTCOME_FAILURE
  return OUTCOME_UNKNOWN
}

/** A block of the kind that the events have. */
export function blockOf(events: readonly (RequestFields | SecurityFields)[]): EventBlock {
  const requests = events.filter((event): event is RequestFields => 'target' in event)
  return requests.length > 0 ? requestBlock(requests) : securityBlock(events as readonly SecurityFields[])
}
