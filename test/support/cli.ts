import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export const MAIN = join(import.meta.dirname, '../../dist/src/main.js')

/** What the program logs at the end of each batch that has read something. */
export const BATCH_DONE = /"Batch done"/

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the last match when the log of the program has so many, from its start on. */
  logged(pattern: RegExp, times?: number): Promise<RegExpMatchArray>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the built program (`npm test` builds it) in a directory, with nothing of our environment's settings. */
export function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const logged = (pattern: RegExp, times = 1) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const matches = [...stderr.matchAll(new RegExp(pattern, 'g'))]
        if (matches.length >= times) resolve(matches[matches.length - 1])
      }
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`It ended without logging ${pattern}: ${stderr}`)))
      look()
    })
  return { child, ended, logged }
}

export function oddline(cwd: string, ...args: string[]): Promise<Ended> {
  return start(cwd, args).ended
}
