import type { Database } from './database.ts'

export const VERDICTS = ['true_positive', 'false_positive', 'benign'] as const
/** true_positive: an attack; false_positive: nothing odd; benign: odd, but known and allowed. */
export type Verdict = (typeof VERDICTS)[number]

/** What a person says of a finding. The latest word counts; taking it back removes it. */
export interface StoredVerdict {
  readonly finding: string
  readonly verdict: Verdict
  readonly reason: string
  readonly author: string
  /** Ms since the epoch. */
  readonly at: number
}

export function saveVerdict(db: Database, verdict: StoredVerdict): void {
  db.prepare(
    `INSERT INTO verdicts (finding, verdict, reason, author, at) VALUES (@finding, @verdict, @reason, @author, @at)
     ON CONFLICT (finding) DO UPDATE SET verdict = @verdict, reason = @reason, author = @author, at = @at`,
  ).run(verdict)
}

/** @returns whether there was one */
export function removeVerdict(db: Database, finding: string): boolean {
  return db.prepare('DELETE FROM verdicts WHERE finding = ?').run(finding).changes > 0
}

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

/** Per rule: how often it led to a finding, and what people said of those. */
export function verdictsByRule(
  db: Database,
): { readonly rule: string; readonly findings: number; readonly verdicts: Readonly<Record<Verdict, number>> }[] {
  const rows = db
    .prepare(
      `SELECT f.document ->> '$.rule.id' AS rule, count(*) AS findings,
         sum(v.verdict IS 'true_positive') AS tp, sum(v.verdict IS 'false_positive') AS fp, sum(v.verdict IS 'benign') AS benign
       FROM findings f LEFT JOIN verdicts v ON v.finding = f.id
       WHERE f.document ->> '$.rule.id' IS NOT NULL GROUP BY 1`,
    )
    .all() as { rule: string; findings: number; tp: number; fp: number; benign: number }[]
  return rows.map(({ rule, findings, tp, fp, benign }) => ({
    rule,
    findings,
    verdicts: { true_positive: tp, false_positive: fp, benign },
  }))
}
