import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export interface Measured {
  readonly seconds: number
  /** Processor time of all its threads as last seen: beside other work on the machine, what tells more than the clock. */
  readonly cpuSeconds: number
  /** High-water mark of resident memory, bytes. */
  readonly peakBytes: number
  readonly stdout: string
  /** The end of it. */
  readonly stderr: string
  readonly code: number | null
}

/**
 * Runs a command to its end and says how long it took and how much memory it held at most.
 * @param timeout after how many milliseconds it is killed
 */
export async function measure(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  timeout?: number,
): Promise<Measured> {
  const started = process.hrtime.bigint()
  const child = spawn(command, args, {
    ...{ timeout, killSignal: 'SIGKILL', env: { ...process.env, ...env } },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let peakBytes = 0
  let cpuSeconds = 0
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-4096)
  })
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, highWaterMark(child.pid))
    cpuSeconds = Math.max(cpuSeconds, processorTime(child.pid))
  }, 20)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(look)
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  if (code !== 0) process.stderr.write(`${command} ended with ${code}: ${stderr}\n`)
  return { seconds, cpuSeconds, peakBytes, stdout, stderr, code }
}

function highWaterMark(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** User and system time, in seconds; the kernel counts them in hundredths. */
export function processorTime(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    return (Number(user) + Number(system)) / 100
  } catch {
    return 0
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
