import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { seeded } from '../../src/core/random.ts'
import { fileAction } from '../../test/support/rotation/actions.ts'
import { Ledger } from '../../test/support/rotation/ledger.ts'
import { Program } from '../../test/support/rotation/program.ts'
import type { Orders } from './batch-child.ts'

export interface KillResult {
  readonly kills: number
  readonly batches: number
  /** Steps of a batch that a kill hit, and steps that none hit. */
  readonly points: number
  readonly missed: number
  readonly linesIn: number
  readonly linesOut: number
  readonly deletedUnread: number
  readonly duplicates: number
  readonly losses: number
  readonly invented: number
  /** Findings, outbox rows or results on disk that are missing, doubled or not of the batch they say. */
  readonly inconsistent: number
}

const CHILD = fileURLToPath(new URL(`./batch-child${extname(import.meta.url)}`, import.meta.url))
/** Left out, so that there are many lines to account for. */
const DESTRUCTIVE: ReadonlySet<string> = new Set(['delete_rotated', 'recreate', 'truncate'])
/** Each round has its own state and logs, so that warmup and training are also killed, and there are few files. */
const KILLS_A_ROUND = 25
const ROUNDS_AT_ONCE = 4
const LONGEST_PAUSE_MS = 80
const ACTIONS_A_BATCH = 20
const SLOWEST_DEATH_MS = 700

/** Kills batches of the whole engine, at a step or at any moment, while two programs write and rotate their logs. */
export async function killBatches(kills: number, seed: number): Promise<KillResult> {
  const steps = new Steps()
  const rounds = Array.from({ length: Math.ceil(kills / KILLS_A_ROUND) }, (_, round) => round).values()
  const results: Awaited<ReturnType<typeof killRound>>[] = []
  const takeRounds = async () => {
    for (const round of rounds) {
      results.push(await killRound(KILLS_A_ROUND, seed + round, steps))
      process.stderr.write(`${results.length * KILLS_A_ROUND} kills\n`)
    }
  }
  await Promise.all(Array.from({ length: ROUNDS_AT_ONCE }, takeRounds))
  const sum = (name: keyof (typeof results)[number]) => results.reduce((total, result) => total + result[name], 0)
  return {
    kills: sum('kills'),
    batches: sum('batches'),
    points: steps.hit.size,
    missed: steps.missed().length,
    linesIn: sum('linesIn'),
    linesOut: sum('linesOut'),
    deletedUnread: sum('deletedUnread'),
    duplicates: sum('duplicates'),
    losses: sum('losses'),
    invented: sum('invented'),
    inconsistent: sum('inconsistent'),
  }
}

/** The steps of a batch, as batches that lived to their end reached them, and where others died. */
class Steps {
  readonly hit = new Set<string>()
  readonly #reached = new Map<string, number>()
  readonly #aimed = new Map<string, number>()

  learn(reached: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(reached)) {
      this.#reached.set(name, Math.max(count, this.#reached.get(name) ?? 0))
    }
  }

  /** The step that was aimed at least, at a random one of the times that it is reached. */
  aim(random: () => number): Orders['dieAt'] {
    const aimed = (name: string) => this.#aimed.get(name) ?? 0
    const [name] = [...this.#reached.keys()].sort((a, b) => aimed(a) - aimed(b))
    if (name === undefined) return undefined
    this.#aimed.set(name, aimed(name) + 1)
    return { name, after: Math.floor(random() * random() * (this.#reached.get(name) ?? 1)) }
  }

  missed(): string[] {
    return [...this.#reached.keys()].filter((name) => !this.hit.has(name))
  }
}

/** Kills batches of one state, from its first on. */
async function killRound(kills: number, seed: number, steps: Steps): Promise<Omit<KillResult, 'points' | 'missed'>> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-kills-'))
  const ledger = new Ledger(accessLine)
  prepare(dir)
  const setting = { append: true, banner: false, keep: 1_000 }
  const programs = ['web.log', 'api.log'].map((name) => new Program(join(dir, 'log'), name, setting, ledger))
  const random = seeded(seed)
  const kept = fileAction.filter(({ kind }) => !DESTRUCTIVE.has(kind))
  const actions = fc.sample(kept, { numRuns: 5_000, seed }).values()
  const act = () =>
    programs[random() < 0.7 ? 0 : 1].do(actions.next().value ?? { kind: 'write', lines: 3, padding: 20 })
  let batches = 0
  let killed = 0
  while (killed < kills) {
    for (let i = random() * 4; i > 0; i--) act()
    const atStep = random() < 0.8
    const dieAt = atStep ? steps.aim(random) : undefined
    const child = spawnBatch({ dir, dieAt, settleSeconds: 3_600, sinks: true })
    if (!atStep) setTimeout(() => child.process.kill('SIGKILL'), random() * SLOWEST_DEATH_MS).unref()
    for (let i = 0; i < ACTIONS_A_BATCH && child.process.exitCode === null && child.process.signalCode === null; i++) {
      act()
      await pause(random() * LONGEST_PAUSE_MS)
    }
    const { signal, said } = await child.ended
    batches++
    if (signal === 'SIGKILL') killed++
    else if (said.error !== undefined) throw new Error(`A batch failed: ${said.error} ${said.message}`)
    else steps.learn(said.reached)
  }
  for (const program of programs) program.finish()
  for (let i = 0; i < 3; i++) await spawnBatch({ dir, settleSeconds: 0, sinks: true }).ended
  for (const program of programs) program.close()
  for (const point of pointsHit(dir)) steps.hit.add(point)
  const result = { kills: killed, batches, ...account(dir, ledger) }
  if (result.inconsistent + result.duplicates + result.losses + result.invented === 0) rmSync(dir, { recursive: true })
  else process.stderr.write(`What went wrong can be looked at in ${dir}.\n`)
  return result
}

/** The directories of an engine, and one rule, which loads faster than all of them. */
export function prepare(dir: string): void {
  for (const name of ['log', 'rules']) mkdirSync(join(dir, name))
  writeFileSync(
    join(dir, 'rules', 'password-file.yaml'),
    `title: Password file in a request
id: 5b9b6f0e-2f0b-4d53-8f0c-0e1f3c7d1a11
status: stable
level: high
logsource: { category: webserver }
detection:
  file:
    cs-uri-query|contains: etc/passwd
  condition: file
`,
  )
}

export interface Said {
  readonly reached: Readonly<Record<string, number>>
  readonly lines?: number
  readonly error?: string
  readonly message?: string
}

/** Starts one batch of the real engine in a separate process. */
export function spawnBatch(orders: Orders): {
  readonly process: ChildProcess
  readonly ended: Promise<{ signal: NodeJS.Signals | null; said: Said }>
} {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const ended = new Promise<{ signal: NodeJS.Signals | null; said: Said }>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (out !== '' || signal !== null) resolve({ signal, said: out === '' ? { reached: {} } : JSON.parse(out) })
      else reject(new Error(`A batch ended with ${code} and said nothing.`))
    })
  })
  return { process: child, ended }
}

/** A request; one in ten attacks. Its id is in both halves of the line. */
export function accessLine(id: string, padding: number): string {
  const attack = Number.parseInt(id, 36) % 10 === 0 ? '/download?file=../../../../etc/passwd&' : '/page?'
  return `192.0.2.7 - u${id} [22/Nov/2026:03:14:15 +0000] "GET ${attack}id=${id}- HTTP/1.1" 200 12 "-" "agent ${'x'.repeat(padding)} -${id}-"`
}

function pointsHit(dir: string): string[] {
  const deaths = join(dir, 'deaths')
  return existsSync(deaths) ? readFileSync(deaths, 'utf8').trim().split('\n') : []
}

/** Compares what was written with what was read, and what was found with what was stored, queued and put on disk. */
export function account(dir: string, ledger: Ledger) {
  const db = new BetterSqlite3(join(dir, 'state', 'oddline.db'), { readonly: true })
  for (const { line } of db.prepare<[], { line: string }>('SELECT line FROM lines_read').iterate()) ledger.read(line)
  const stored = new Map<string, string>()
  const ids: string[] = []
  let inconsistent = 0
  for (const row of db
    .prepare<[], { id: string; batch: string; document: string }>('SELECT * FROM findings')
    .iterate()) {
    stored.set(row.id, row.batch)
    const id = /id=(\w+)-/.exec(row.document)?.[1]
    if (id !== undefined) ids.push(id)
  }
  inconsistent += ids.length - new Set(ids).size
  const attacks = ledger
    .linesRead()
    .filter((line) => line.startsWith('192') && line.includes('etc/passwd') && line.endsWith('"'))
  const found = new Set(ids)
  inconsistent += attacks.filter((line) => !found.has(/id=(\w+)-/.exec(line)?.[1] ?? '')).length
  const queued = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM outbox').get()?.n ?? 0
  inconsistent += Math.abs(queued - stored.size)
  inconsistent += unlike(join(dir, 'out'), stored)
  const unfinished = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM batches WHERE status <> 'done'").get()?.n
  inconsistent += unfinished ?? 0
  db.close()
  return {
    linesIn: ledger.linesIn,
    linesOut: ledger.linesOut,
    deletedUnread: ledger.deletedUnread,
    duplicates: ledger.duplicates().length,
    losses: ledger.lost().length,
    invented: ledger.invented().length,
    inconsistent,
  }
}

/** How many findings on disk are not those of the database, or the other way round. */
function unlike(outputDir: string, stored: ReadonlyMap<string, string>): number {
  const onDisk = new Map<string, string>()
  let wrong = 0
  for (const folder of readdirSync(outputDir)) {
    const file = join(outputDir, folder, 'findings.jsonl')
    if (folder.startsWith('.')) continue
    if (!existsSync(file)) {
      wrong++
      continue
    }
    const { batch, batches = [batch] } = JSON.parse(readFileSync(join(outputDir, folder, 'summary.json'), 'utf8'))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue
      const { event } = JSON.parse(line) as { event: { id: string } }
      if (onDisk.has(event.id) || !batches.includes(stored.get(event.id))) wrong++
      onDisk.set(event.id, folder)
    }
  }
  return wrong + [...stored.keys()].filter((id) => !onDisk.has(id)).length
}
