/** Forward only: a landed migration never changes; the schema version is the number of migrations applied. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'files, batches, findings, checkpoints',
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
      CREATE TABLE checkpoints (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'outbox, incidents, notices, dead letters, silences',
    sql: `
      CREATE TABLE outbox (
        sink TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES findings(seq),
        queued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        leased_until INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        first_tried_at INTEGER,
        alone INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (sink, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX outbox_by_seq ON outbox(seq);
      CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN ('open', 'resolved')),
        severity TEXT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        findings INTEGER NOT NULL,
        strongest TEXT NOT NULL,
        score REAL NOT NULL,
        summary TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        touched_at INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX incidents_open ON incidents(who, what) WHERE status = 'open';
      CREATE INDEX incidents_quiet ON incidents(touched_at) WHERE status = 'open';
      CREATE INDEX incidents_by_touch ON incidents(touched_at);
      CREATE TABLE incident_findings (
        incident TEXT NOT NULL REFERENCES incidents(id) ON DELETE CASCADE,
        seq INTEGER NOT NULL REFERENCES findings(seq) ON DELETE CASCADE,
        PRIMARY KEY (incident, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX incident_findings_by_seq ON incident_findings(seq);
      CREATE TABLE notices (
        sink TEXT NOT NULL,
        incident TEXT NOT NULL REFERENCES incidents(id),
        due_at INTEGER,
        leased_until INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        first_tried_at INTEGER,
        alone INTEGER NOT NULL DEFAULT 0,
        told INTEGER NOT NULL DEFAULT 0,
        told_at INTEGER,
        told_severity TEXT,
        told_findings INTEGER NOT NULL DEFAULT 0,
        told_status TEXT,
        PRIMARY KEY (sink, incident)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX notices_due ON notices(sink, due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX notices_by_incident ON notices(incident);
      CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY,
        sink TEXT NOT NULL,
        seq INTEGER REFERENCES findings(seq) ON DELETE CASCADE,
        incident TEXT REFERENCES incidents(id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        died_at INTEGER NOT NULL,
        UNIQUE (sink, seq),
        UNIQUE (sink, incident),
        CHECK ((seq IS NULL) <> (incident IS NULL))
      ) STRICT;
      CREATE TABLE sink_state (
        sink TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        reason TEXT,
        detail TEXT,
        tokens REAL NOT NULL,
        tokens_at INTEGER NOT NULL,
        delivered_at INTEGER,
        delivered_total INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE silences (
        id INTEGER PRIMARY KEY,
        matcher TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'verdicts',
    sql: `
      CREATE TABLE verdicts (
        finding TEXT PRIMARY KEY REFERENCES findings(id) ON DELETE CASCADE,
        verdict TEXT NOT NULL CHECK (verdict IN ('true_positive', 'false_positive', 'benign')),
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        at INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'adjustments',
    sql: `
      CREATE TABLE adjustments (
        id INTEGER PRIMARY KEY,
        adjustment TEXT NOT NULL,
        findings TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        ended_at INTEGER,
        suppressed INTEGER NOT NULL DEFAULT 0,
        weakened INTEGER NOT NULL DEFAULT 0
      ) STRICT;
    `,
  },
  {
    name: 'what retention has removed',
    sql: `
      CREATE INDEX batches_by_start ON batches(started_at);
      CREATE INDEX dead_letters_by_seq ON dead_letters(seq);
      CREATE INDEX dead_letters_by_incident ON dead_letters(incident);
      CREATE TABLE removed (
        kind TEXT PRIMARY KEY,
        total INTEGER NOT NULL,
        last INTEGER NOT NULL,
        last_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE past_totals (
        name TEXT NOT NULL,
        label TEXT NOT NULL,
        value INTEGER NOT NULL,
        PRIMARY KEY (name, label)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE kept_folders (
        folders INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        since INTEGER
      ) STRICT;
    `,
  },
]
