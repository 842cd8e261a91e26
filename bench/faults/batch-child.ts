import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { sink as fileSink } from '../../sinks/file/sink.ts'
import { ConfigSchema } from '../../src/config/schema.ts'
import type { EngineEvent } from '../../src/core/documents/engine-event.ts'
import { messageOf, OddlineError } from '../../src/core/errors.ts'
import { configureSinks } from '../../src/delivery/routing/configure.ts'
import { Engine } from '../../src/pipeline/engine/engine.ts'
import { Tally } from '../../src/pipeline/output/tally.ts'
import { ParsingSource } from '../../src/pipeline/source/block-source.ts'
import { Reader } from '../../src/reading/reader.ts'
import { KeptDatabase } from '../../src/store/sqlite/kept-database.ts'
import { nameSteps } from './fault-points.ts'

/** One batch of the real engine in a process that kills itself at a step, and keeps what it read beside the results. */
export interface Orders {
  readonly dir: string
  /** The step by its name, and how often it was reached before; absent for a batch that lives. */
  readonly dieAt?: { readonly name: string; readonly after: number }
  readonly settleSeconds: number
  readonly sinks: boolean
}

const { dir, dieAt, settleSeconds, sinks } = JSON.parse(process.argv[2]) as Orders
const FAILURES = new Set<EngineEvent['type']>(['model_unusable', 'rules_unusable', 'training_failed'])
const reached: Record<string, number> = {}
let read: string[] = []

keepWhatIsRead()
nameSteps((name) => {
  const before = reached[name] ?? 0
  reached[name] = before + 1
  if (name !== dieAt?.name || before !== dieAt.after) return
  appendFileSync(join(dir, 'deaths'), `${name}\n`)
  process.kill(process.pid, 'SIGKILL')
})

try {
  const config = ConfigSchema.parse({
    logs: { dir: join(dir, 'log'), settle_seconds: settleSeconds, max_line_bytes: 1024 },
    output: { dir: join(dir, 'out') },
    state: { dir: join(dir, 'state') },
    detection: { warmup_logs: 400, rules: { shipped: false, dirs: [join(dir, 'rules')] } },
  })
  const configured = sinks
    ? await configureSinks({ kept: { type: 'file', path: join(dir, 'kept.jsonl') } }, { builtin: [fileSink] })
    : []
  const settings = { ...config, sinks: configured.map(({ name, takes, settings }) => ({ name, takes, settings })) }
  const engine = await Engine.open(settings, (event) => {
    if (FAILURES.has(event.type)) throw new Error(JSON.stringify(event))
  })
  const result = await engine.run({ dryRun: false, signal: new AbortController().signal })
  await engine.close()
  process.stdout.write(JSON.stringify({ reached, lines: result.totals.lines }))
} catch (error) {
  process.stdout.write(
    JSON.stringify({
      reached,
      error: error instanceof OddlineError ? error.code : 'UNEXPECTED',
      message: messageOf(error),
    }),
  )
  if (!(error instanceof OddlineError)) process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = 1
}

/**
 * Writes the lines themselves in the transaction that saves the positions behind them. Blocks are read ahead: those lines
 * count that have come through, which is when their block is added up.
 */
function keepWhatIsRead(): void {
  const linesOf = new WeakMap<object, readonly string[]>()
  let latest: string[] = []
  const reader = Reader.prototype.next
  Reader.prototype.next = async function (this: Reader) {
    const given = await reader.call(this)
    if (given !== undefined) {
      const { bytes, count, starts, ends } = given.block
      latest = Array.from({ length: count }, (_, i) => bytes.toString('utf8', starts[i], ends[i]))
    }
    return given
  }
  const source = ParsingSource.prototype.next
  ParsingSource.prototype.next = async function (this: ParsingSource<unknown>) {
    const given = await source.call(this)
    if (given !== undefined) linesOf.set(given.account, latest)
    return given
  }
  const { block } = Tally.prototype
  Tally.prototype.block = function (this: Tally, ...args) {
    read.push(...(linesOf.get(args[0]) ?? []))
    block.apply(this, args)
  }
  const proto = KeptDatabase.prototype as unknown as {
    prepare(this: BetterSqlite3.Database, sql: string): BetterSqlite3.Statement
  }
  const { prepare } = proto
  proto.prepare = function (sql) {
    if (this.inTransaction && sql.startsWith('INSERT INTO files ')) {
      this.exec('CREATE TABLE IF NOT EXISTS lines_read (line TEXT NOT NULL)')
      const insert = prepare.call(this, 'INSERT INTO lines_read VALUES (?)')
      for (const line of read) insert.run(line)
      read = []
    }
    return prepare.call(this, sql)
  }
}
