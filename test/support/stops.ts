import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The ways to start the program that stay until they are stopped, or take long, and what says that each has started. */
export const STOPPABLE_MODES: Readonly<Record<string, { readonly args: readonly string[]; readonly ready: RegExp }>> = {
  watch: { args: ['run', '--watch'], ready: /atch (is )?done/ },
  interval: { args: ['run', '--interval', '86400'], ready: /atch (is )?done/ },
  cron: { args: ['run', '--cron', '0 0 1 1 *'], ready: /Oddline is running/ },
  api: { args: ['run', '--watch', '--api'], ready: /"url"/ },
  serve: { args: ['serve'], ready: /"url"/ },
  mcp: { args: ['mcp'], ready: /"result"/ },
  train: { args: ['train'], ready: /Version 1 is in force/ },
}

export interface StopsResult {
  readonly stops: number
  /** What went wrong, in words; empty if every stop was whole. */
  readonly failures: readonly string[]
  readonly slowestMs: number
  readonly lines: number
}

const LINES = 3_000
/** A loaded machine takes long; a process that has forgotten to end takes for ever. */
const TOO_LONG_MS = 30_000
const INITIALIZE = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'stops', version: '1' } },
})}\n`

/**
 * Stops a mode by SIGTERM at moments that are spread over its start, which is measured first. Each stop has to end the
 * process with 0. In the end every line has been read once, and each folder of results is whole.
 * @param main the built program
 */
export async function stopAtMoments(main: string, mode: string, moments: number): Promise<StopsResult> {
  const { args, ready } = STOPPABLE_MODES[mode]
  const dir = mkdtempSync(join(tmpdir(), 'oddline-stops-'))
  const failures: string[] = []
  let slowestMs = 0
  try {
    mkdirSync(join(dir, 'logs'))
    writeFileSync(join(dir, 'logs/access.log'), requests())
    const stop = async (when: (child: ChildProcess, output: () => string) => Promise<unknown>, name: string) => {
      const { child, output, ended } = launch(main, dir, args)
      try {
        await when(child, output)
      } catch (error) {
        child.kill('SIGKILL')
        await ended
        throw error
      }
      const from = performance.now()
      child.kill('SIGTERM')
      const late = AbortSignal.timeout(TOO_LONG_MS)
      late.addEventListener('abort', () => child.kill('SIGKILL'))
      const [code, signal] = await ended
      slowestMs = Math.max(slowestMs, performance.now() - from)
      // Node itself has to start before a line of ours can hear a signal; nothing is begun then.
      const beforeUs = signal === 'SIGTERM' && output() === ''
      if (code !== 0 && !beforeUs)
        failures.push(`${mode}, ${name}: ended with ${code ?? signal}: ${output().slice(-500)}`)
    }
    let startMs = 0
    await stop(async (child, output) => {
      const from = performance.now()
      await told(child, ready, output)
      startMs = performance.now() - from
    }, 'started')
    for (let i = 0; i < moments; i++) {
      await stop(() => pause((startMs * (i + 1)) / moments), `${i + 1}/${moments} of ${Math.round(startMs)} ms`)
    }
    const last = launch(main, dir, ['run', '--once'])
    const [code] = await last.ended
    if (code !== 0) failures.push(`${mode}: the run afterwards ended with ${code}: ${last.output().slice(-500)}`)
    failures.push(...halfWritten(join(dir, 'batch_outputs')))
    const status = launch(main, dir, ['status', '--json'])
    await status.ended
    const { logsSeen: lines } = JSON.parse(status.output()) as { logsSeen: number }
    if (lines !== LINES) failures.push(`${mode}: ${lines} of ${LINES} lines are accounted for`)
    return { stops: moments + 1, failures, slowestMs: Math.round(slowestMs), lines }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function launch(main: string, cwd: string, args: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: cwd, API_PORT: '0' }
  const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: 'pipe' })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.write(INITIALIZE)
  return {
    child,
    output: () => text,
    ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  }
}

async function told(child: ChildProcess, ready: RegExp, text: () => string): Promise<void> {
  const stuck = AbortSignal.timeout(TOO_LONG_MS)
  while (!ready.test(text())) {
    if (child.exitCode !== null) throw new Error(`It ended before it was ready: ${text()}`)
    const more = [child.stdout!, child.stderr!].map((stream) => once(stream, 'data', { signal: stuck }))
    await Promise.race([...more, once(child, 'close')])
  }
}

function halfWritten(outputs: string): string[] {
  if (!existsSync(outputs)) return []
  const names = readdirSync(outputs).filter((name) => name.startsWith('.') && name !== '.gitkeep')
  return names.map((name) => `${name} was left half written`)
}

function requests(): string {
  const line = (i: number) =>
    `192.0.2.${i % 250} - - [30/Mar/2026:12:${String(i % 60).padStart(2, '0')}:00 +0000] "GET /p${i % 9} HTTP/1.1" 200 ${500 + (i % 90)} "-" "Mozilla/5.0"\n`
  return Array.from({ length: LINES }, (_, i) => line(i)).join('')
}
