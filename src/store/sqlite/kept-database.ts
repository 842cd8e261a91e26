import { createRequire } from 'node:module'
import BetterSqlite3 from 'better-sqlite3'
import { OddlineError } from '../../core/errors.ts'

/** What this thread has opened, for as long as the thread lives. */
const opened: KeptDatabase[] = []

type Statement = BetterSqlite3.Statement<unknown[], unknown>

/** @throws OddlineError NATIVE_MODULE where better-sqlite3 13 would crash: it needs Node-API 10, so Node 22 */
function usable(options?: BetterSqlite3.Options): BetterSqlite3.Options | undefined {
  const { version } = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string }
  if (Number.parseInt(version, 10) < 13 || Number(process.versions.napi) >= 10) return options
  throw new OddlineError(
    'NATIVE_MODULE',
    `better-sqlite3 ${version} needs a newer Node than ${process.versions.node}. ` +
      'Run `npm install better-sqlite3@12` where Oddline is installed, and run again.',
  )
}

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
    super(path, usable(options))
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
