import type { Finding } from '../core/documents/finding.ts'
import type { StoredVerdict, Verdict } from '../core/documents/verdict.ts'
import type { Database } from '../store/database.ts'

/** Newest judged findings that are read. */
const MAX_JUDGED = 10_000

/** How many findings are read at a time. */
const PAGE = 500

export function verdictsOf(db: Database, findings: readonly string[]): Map<string, StoredVerdict> {
  const rows = db
    .prepare('SELECT * FROM verdicts WHERE finding IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(findings)) as StoredVerdict[]
  return new Map(rows.map((row) => [row.finding, row]))
}

export function countVerdicts(db: Database): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { true_positive: 0, false_positive: 0, benign: 0 }
  const rows = db.prepare('SELECT verdict, count(*) AS n FROM verdicts GROUP BY verdict').all() as {
    verdict: Verdict
    n: number
  }[]
  for (const { verdict, n } of rows) counts[verdict] = n
  return counts
}

/** For each rule: how many findings it took part in, and their verdicts. */
export function verdictsByRule(
  db: Database,
): { readonly rule: string; readonly findings: number; readonly verdicts: Readonly<Record<Verdict, number>> }[] {
  return precisions(db).filter(({ rule }) => rule !== '')
}

/** Judged findings with their verdicts, newest first. */
export function judgedFindings(db: Database): { readonly finding: Finding; readonly verdict: StoredVerdict }[] {
  const rows = db
    .prepare(
      `SELECT f.document, v.* FROM verdicts v JOIN findings f ON f.id = v.finding ORDER BY v.at DESC, v.finding LIMIT ?`,
    )
    .all(MAX_JUDGED) as (StoredVerdict & { document: string })[]
  return rows.map(({ document, ...verdict }) => ({ finding: JSON.parse(document) as Finding, verdict }))
}

/** Streams the newest findings with their verdicts. */
export function* storedFindings(
  db: Database,
  limit: number,
): Generator<{ readonly finding: Finding; readonly verdict: Verdict | null }> {
  const page = db.prepare<[number, number], { seq: number; document: string; verdict: Verdict | null }>(
    `SELECT f.seq, f.document, v.verdict FROM findings f LEFT JOIN verdicts v ON v.finding = f.id
     WHERE f.seq < ? ORDER BY f.seq DESC LIMIT ?`,
  )
  let before = Number.MAX_SAFE_INTEGER
  for (let left = limit; left > 0; left -= PAGE) {
    for (const { seq, document, verdict } of page.all(before, Math.min(PAGE, left))) {
      before = seq
      yield { finding: JSON.parse(document) as Finding, verdict }
    }
  }
}

/** How often a rule or a model was right, by the verdicts on the findings that it took part in. */
export interface Precision {
  readonly detector: string
  /** Id of the rule; empty for a model. */
  readonly rule: string
  readonly title: string
  readonly findings: number
  readonly verdicts: Readonly<Record<Verdict, number>>
}

/** One entry per rule that matched and per model with a score of 0.5 or more, most often wrong first. */
export function precisions(db: Database): Precision[] {
  const rows = db
    .prepare(
      `SELECT detector, rule, max(title) AS title, count(*) AS findings, sum(verdict IS 'true_positive') AS tp,
         sum(verdict IS 'false_positive') AS fp, sum(verdict IS 'benign') AS benign
       FROM (
         SELECT DISTINCT f.id, v.verdict, e.value ->> '$.detector' AS detector,
           coalesce(m.value ->> '$.id', '') AS rule, coalesce(m.value ->> '$.title', '') AS title
         FROM findings f LEFT JOIN verdicts v ON v.finding = f.id
           JOIN json_each(f.document, '$.oddline.evidence') e
           LEFT JOIN json_each(e.value, '$.matches') m
         WHERE e.value ->> '$.detector' = 'rules' OR e.value ->> '$.score' >= 0.5
       )
       GROUP BY 1, 2 ORDER BY fp + benign DESC, findings DESC, 1, 2`,
    )
    .all() as (Omit<Precision, 'verdicts'> & { tp: number; fp: number; benign: number })[]
  return rows.map(({ tp, fp, benign, ...rest }) => ({
    ...rest,
    verdicts: { true_positive: tp, false_positive: fp, benign },
  }))
}

/** The latest first. */
export function verdictsMade(db: Database, limit: number): StoredVerdict[] {
  return db.prepare('SELECT * FROM verdicts ORDER BY at DESC, finding LIMIT ?').all(limit) as StoredVerdict[]
}
