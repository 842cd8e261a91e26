import type { Database } from './database.ts'

/** State of a detector or of the learning, saved in the same commit as the offsets of the lines behind it. */
export function loadCheckpoint(db: Database, name: string): Uint8Array | undefined {
  const row = db.prepare('SELECT value FROM checkpoints WHERE name = ?').get(name) as { value: Buffer } | undefined
  return row?.value
}

/** Name of the checkpoint that says why the rule files are not in use; it does not exist while they are. */
export const RULES_PROBLEM = 'rules.problem'

/** Removes checkpoints, so that damaged ones are not read again. */
export function removeCheckpoints(db: Database, names: Iterable<string>): void {
  for (const name of names) db.prepare('DELETE FROM checkpoints WHERE name = ?').run(name)
}

/** Saves several checkpoints, inside the caller's transaction or in one of its own. */
export function saveCheckpoints(db: Database, checkpoints: readonly { name: string; value: Uint8Array }[]): void {
  db.transaction(() => {
    for (const { name, value } of checkpoints) saveCheckpoint(db, name, value)
  })()
}

function saveCheckpoint(db: Database, name: string, value: Uint8Array): void {
  db.prepare(
    'INSERT INTO checkpoints (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, value)
}
