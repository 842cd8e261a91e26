/** Forward only: a landed migration never changes; the schema version is the number of migrations applied. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'files, batches, findings, outbox, checkpoints',
    sql: `
      CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        inode TEXT NOT NULL,
        head_length INTEGER NOT NULL,
        head_hash TEXT NOT NULL,
        position INTEGER NOT NULL,
        marker_hash TEXT NOT NULL,
        offset INTEGER NOT NULL,
        line INTEGER NOT NULL,
        skip TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified_at INTEGER NOT NULL,
        signature TEXT NOT NULL,
        sniffed TEXT,
        encoding TEXT NOT NULL,
        served INTEGER NOT NULL,
        copy_of INTEGER,
        problem TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        gone_at INTEGER
      ) STRICT;
      CREATE TABLE batches (
        id TEXT PRIMARY KEY,
        started_at INTEGER NOT NULL,
        finished_at INTEGER,
        status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
        summary TEXT NOT NULL DEFAULT '{}'
      ) STRICT;
      CREATE TABLE findings (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        batch TEXT NOT NULL REFERENCES batches(id),
        time INTEGER NOT NULL,
        severity TEXT NOT NULL,
        score REAL NOT NULL,
        session TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX findings_by_batch ON findings(batch);
      CREATE INDEX findings_by_time ON findings(time);
      CREATE TABLE outbox (
        sink TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES findings(seq) ON DELETE CASCADE,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        leased_until INTEGER,
        first_tried_at INTEGER,
        last_error TEXT,
        PRIMARY KEY (sink, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX outbox_due ON outbox(sink, due_at);
      CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY,
        sink TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES findings(seq) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        died_at INTEGER NOT NULL,
        UNIQUE (sink, seq)
      ) STRICT;
      CREATE TABLE checkpoints (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
      ) STRICT;
    `,
  },
]
