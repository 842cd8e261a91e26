import BetterSqlite3 from 'better-sqlite3'

/** What this thread has opened, for as long as the thread lives. */
const opened: KeptDatabase[] = []

type Statement = BetterSqlite3.Statement<unknown[], unknown>

/**
 * A database whose statements are prepared once and kept.
 *
 * better-sqlite3 12, the one for Node 20, aborts the process on Node 24.19 and later when V8 collects one of its objects:
 * their destructor asks for the environment, which is unknown during a collection
 * (https://github.com/WiseLibs/better-sqlite3/issues/1515). So none may ever be collected. Nothing is iterated
 * (`rowsBySeq` reads pages), settings go through `exec`, and whatever is closed stays referenced. The number of
 * statements is that of the SQL texts in this code: values are always bound.
 */
export class KeptDatabase extends BetterSqlite3 {
  readonly #statements = new Map<string, Statement>()
  readonly #kept: Statement[] = []

  constructor(path: string, options?: BetterSqlite3.Options) {
    super(path, options)
    opened.push(this)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the caller says what its rows are, as with better-sqlite3 itself.
  override prepare(sql: string): any {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#prepare(sql)
    // Whoever asks for plain values does not change the rows of others with the same SQL.
    let plucked: Statement | undefined
    statement.pluck = () => {
      plucked ??= this.#prepare(sql).pluck()
      return plucked
    }
    this.#statements.set(sql, statement)
    return statement
  }

  #prepare(sql: string): Statement {
    const statement = super.prepare(sql) as Statement
    this.#kept.push(statement)
    return statement
  }
}
