import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as after } from 'node:timers/promises'
import { generate } from '../test/support/generate/generate.ts'
import { report } from './support/report.ts'

/**
 * From nothing to the ensemble, unattended: `oddline run --watch` on a log that grows by generated lines, as another
 * process would look at it. `status` must show each phase in turn, and the main thread must stay awake while a
 * transformer is trained beside it. How late an idle process on the same machine is in the same time tells what of that
 * the machine itself is to blame for.
 */
const LINES = Number(process.env.LINES ?? 60_000)
const WARMUP = Math.floor((LINES * 5) / 6)
/** Lines that come at once until the training begins, and then; how often, and how often status is asked, ms. */
const BURST = 5_000
const TRICKLE = 250
const TRICKLE_EVERY_MS = 10_000
const POLL_MS = 250
const PATIENCE_MS = 15 * 60_000

interface Status {
  readonly phase: string
  readonly logsSeen: number
  readonly batches: readonly { readonly lines: number }[]
}

const dir = mkdtempSync(join(tmpdir(), 'oddline-warmup-'))
const main = join(import.meta.dirname, '../src/main.js')
const source = join(dir, 'source.log')
const log = join(dir, 'logs/access.log')

try {
  mkdirSync(join(dir, 'logs'))
  generate(source, { lines: LINES, seed: 1, format: 'combined' })
  writeFileSync(
    join(dir, 'oddline.yaml'),
    `schedule: {mode: watch, watch_settle_seconds: 0.2}\ndetection: {warmup_logs: ${WARMUP}}\nlog: {level: debug}\n`,
  )
  const child = spawn(process.execPath, [main, 'run', '--watch'], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  const facts = readLog(child)
  const idle = idleProcess()
  const { seen, seconds, logsSeen } = await watchIt(child, idle.mark)
  const idleLateness = await idle.end()
  child.kill('SIGTERM')
  const [code] = (await once(child, 'exit')) as [number | null]
  const training = facts.find(({ phase, p99_ms }) => phase === 'training' && p99_ms !== undefined)
  process.stderr.write(`Phases that status showed, with seconds since the start: ${JSON.stringify(seconds)}\n`)
  report(
    'warmup',
    {
      lines: LINES,
      events_seen: logsSeen,
      phases_seen_in_order: ['warmup', 'training', 'waiting', 'ensemble'].filter((phase, i) => seen[i] === phase)
        .length,
      exit_code: code ?? -1,
      training_seconds: (seconds.waiting ?? seconds.ensemble ?? Number.NaN) - (seconds.training ?? Number.NaN),
      main_thread_late_p99_ms: training?.p99_ms ?? Number.NaN,
      main_thread_late_max_ms: training?.max_ms ?? Number.NaN,
    },
    { idle_process_late_p99_ms: idleLateness },
    {
      events_seen: { min: LINES * 0.99 },
      phases_seen_in_order: { min: 4 },
      exit_code: { max: 0 },
      main_thread_late_p99_ms: { max: 20 },
    },
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}

/** Lets the log grow and asks for the status, until the ensemble judges and all lines are read. */
async function watchIt(child: ChildProcess, mark: (phase: string) => void) {
  const lines = readFileSync(source, 'latin1').split('\n').slice(0, LINES)
  const started = Date.now()
  const seen: string[] = []
  const seconds: Record<string, number> = {}
  let [next, trickled, logsSeen] = [0, 0, 0]
  const grow = (count: number) => {
    const part = lines.slice(next, next + count)
    next += part.length
    if (part.length > 0) appendFileSync(log, `${part.join('\n')}\n`, 'latin1')
  }
  while (Date.now() - started < PATIENCE_MS) {
    if (child.exitCode !== null) throw new Error(`oddline ended by itself, with ${child.exitCode}`)
    const status = statusNow()
    const phase = status?.phase ?? 'warmup'
    logsSeen = status?.logsSeen ?? 0
    if (seen.at(-1) !== phase) {
      seen.push(phase)
      mark(phase)
      seconds[phase] = Math.round((Date.now() - started) / 100) / 10
    }
    if (phase === 'ensemble') {
      if (next === LINES && logsSeen >= LINES * 0.99) break
      grow(LINES)
    } else if (phase === 'warmup') {
      if (logsSeen >= next * 0.99) grow(BURST)
    } else if (Date.now() - trickled > TRICKLE_EVERY_MS) {
      trickled = Date.now()
      grow(TRICKLE)
    }
    await after(POLL_MS)
  }
  return { seen, seconds, logsSeen }
}

function statusNow(): Status | undefined {
  const text = execFileSync(process.execPath, [main, 'status', '--json'], { cwd: dir, encoding: 'utf8' })
  return text.startsWith('{') ? (JSON.parse(text) as Status) : undefined
}

/** A process that does nothing but measure how late it is between the marks of the training and of what follows it. */
function idleProcess() {
  const monitor = new URL('../src/telemetry/event-loop.js', import.meta.url).href
  const script = `
    import { createInterface } from 'node:readline'
    import { EventLoopMonitor } from ${JSON.stringify(monitor)}
    const monitor = new EventLoopMonitor()
    let before = ''
    for await (const phase of createInterface({ input: process.stdin })) {
      const { p99 } = monitor.take()
      if (before === 'training') console.log(p99)
      before = phase
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  return {
    mark: (phase: string) => child.stdin.write(`${phase}\n`),
    async end(): Promise<number> {
      child.stdin.end()
      await once(child, 'close')
      return Number.parseFloat(said)
    },
  }
}

/** What the program has said of how late its main thread was, phase by phase. */
function readLog(child: ChildProcess) {
  const facts: { phase?: string; p99_ms?: number; max_ms?: number }[] = []
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.includes('"p99_ms"')) facts.push(JSON.parse(line))
    else if (/"level":(?:50|60)/.test(line)) process.stderr.write(`${line}\n`)
  })
  return facts
}
