import { normaliseName } from '../event-types.ts'

/** The fields of a structured security event, in the order of FIELD_NAMES. */
export const FIELD = {
  time: 0,
  user: 1,
  sourceIp: 2,
  host: 3,
  program: 4,
  eventType: 5,
  action: 6,
  message: 7,
  outcome: 8,
} as const
export const FIELD_COUNT = 9

/**
 * Accepted names of each field, best first. A dot means nesting, as in ECS; all other names are in normalized spelling.
 */
const NAMES: Readonly<Record<keyof typeof FIELD, string>> = {
  time: '@timestamp timestamp time event_time datetime date_time date created_at logged_at occurred_at ts eventtime',
  user: 'user user.name username user_name login account account_name user_id uid principal actor target_user user.email email user.id actor.name',
  sourceIp:
    'source_ip source.ip src_ip ip ip_address client_ip remote_ip source_address remote_addr src client.ip source.address client_address ipaddress remote_address rhost source_ip_address',
  host: 'host host.name hostname server computer machine host.hostname device node',
  program: 'program process.name process app application service service.name daemon',
  eventType: 'event_type event_name event type eventtype',
  action: 'action event.action operation command activity',
  message: 'message msg description details detail text log event.original',
  outcome: 'outcome event.outcome result status success',
}

export interface FieldName {
  readonly field: number
  /** Position among the names of the field. If a record has several, the lowest wins. */
  readonly rank: number
}

const TABLE: ReadonlyMap<string, FieldName> = new Map(
  Object.entries(NAMES).flatMap(([key, names]) =>
    names.split(' ').map((name, rank) => [name, { field: FIELD[key as keyof typeof FIELD], rank }] as const),
  ),
)

/** The field for a key or column name with its path (`source.ip`), in any common spelling. */
export function fieldOf(path: string): FieldName | undefined {
  return TABLE.get(path) ?? TABLE.get(path.split('.').map(normaliseName).join('.'))
}
