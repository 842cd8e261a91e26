import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import type { Database } from '../../store/database.ts'
import { rowsBySeq } from '../../store/sqlite/rows-by-seq.ts'
import { BoundedGroups } from './bounded-groups.ts'
import { type FindingCriteria, findingConditions } from './filter.ts'

/** One address, user or path with its findings. */
export interface TopEntry {
  readonly name: string
  readonly findings: number
  readonly severity: Severity
  readonly score: number
  /** Log time of its latest finding, ms. */
  readonly lastSeen: number
  readonly attackTypes: string[]
}

const MAX_TYPES = 6

const NAME = {
  address: `f.document ->> '$.source.address'`,
  user: `f.document ->> '$.user.name'`,
  path: `f.document ->> '$.url.path'`,
} as const

type Kind = keyof typeof NAME

/** The addresses, users or paths of the findings, most severe first. */
export function topEntries(db: Database, kind: Kind, filter: FindingCriteria, limit: number): TopEntry[] {
  return topOf(db, [kind], filter, limit)[kind]
}

/** The same for several kinds in one pass over the findings. */
export function topOf<K extends Kind>(
  db: Database,
  kinds: readonly K[],
  filter: FindingCriteria,
  limit: number,
): Record<K, TopEntry[]> {
  const { where, values } = findingConditions(filter)
  const names = kinds.map((kind) => `${NAME[kind]} AS ${kind}`).join(', ')
  const rows = rowsBySeq<Row & Record<K, string | null>>(
    db,
    `f.severity, f.score, f.time, f.document ->> '$.oddline.attack_types' AS types, ${names}`,
    where,
    values,
  )
  const entries = kinds.map(() => new BoundedGroups<Gathered>(gravestFirst))
  for (const row of rows) {
    const { severity, score, time, types } = row
    for (const [k, kind] of kinds.entries()) {
      const name = row[kind]
      if (name === null) continue
      const entry = entries[k].get(name) ?? {
        findings: 0,
        severity: 0,
        score: 0,
        lastSeen: 0,
        types: new Set<string>(),
      }
      entry.findings++
      entry.severity = Math.max(entry.severity, SEVERITIES.indexOf(severity))
      entry.score = Math.max(entry.score, score)
      entry.lastSeen = Math.max(entry.lastSeen, time)
      entry.types.add(types)
      if (entry.findings === 1) entries[k].set(name, entry)
    }
  }
  return Object.fromEntries(kinds.map((kind, k) => [kind, gravest(entries[k], limit)])) as Record<K, TopEntry[]>
}

interface Row {
  readonly severity: Severity
  readonly score: number
  readonly time: number
  readonly types: string
}

interface Gathered {
  findings: number
  severity: number
  score: number
  lastSeen: number
  /** Each a list of attack types as JSON. */
  readonly types: Set<string>
}

function gravestFirst([aName, a]: readonly [string, Gathered], [bName, b]: readonly [string, Gathered]): number {
  return b.severity - a.severity || b.findings - a.findings || (aName < bName ? -1 : 1)
}

function gravest(entries: BoundedGroups<Gathered>, limit: number): TopEntry[] {
  return entries
    .ranked()
    .slice(0, limit)
    .map(([name, { severity, types, ...entry }]) => ({
      name,
      ...entry,
      severity: SEVERITIES[severity],
      attackTypes: [...new Set([...types].flatMap((list) => JSON.parse(list) as string[]))].slice(0, MAX_TYPES),
    }))
}
