import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measure } from '../support/measure.ts'
import { appendFlood, FLOODS, type FloodName } from './flood-lines.ts'

const MAIN = join(import.meta.dirname, '../../src/main.js')

export interface Flooded {
  /** Highest resident memory of the whole process, MB. */
  readonly peakMb: number
  readonly lines: number
  /** Lines that no summary accounts for, or that it counts twice. */
  readonly unaccounted: number
  /** Whether the program ended as it should. */
  readonly failed: boolean
}

/**
 * Runs the whole program over each flood: a batch that is warmed up and trained by it, and one that is judged by all
 * detectors.
 */
export async function flood(lines: number, names = Object.keys(FLOODS) as FloodName[]) {
  const results: Partial<Record<FloodName, Flooded>> = {}
  for (const name of names) {
    const dir = mkdtempSync(join(tmpdir(), `oddline-flood-${name}-`))
    try {
      results[name] = await floodOnce(name, dir, lines)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
    console.log(`Flood of ${name}:`, JSON.stringify(results[name]))
  }
  return results as Record<FloodName, Flooded>
}

async function floodOnce(name: FloodName, dir: string, lines: number): Promise<Flooded> {
  const [logs, half] = [join(dir, 'logs'), Math.floor(lines / 2)]
  const places = ['--log-dir', logs, '--state-dir', join(dir, 'state'), '--output-dir', join(dir, 'out')]
  const total = { peakMb: 0, lines: 0, unaccounted: 0, failed: false }
  for (const [from, to] of [
    [0, half],
    [half, lines],
  ]) {
    const written = appendFlood(name, logs, from, to) + headLines(name, from)
    const { peakBytes, stdout, code } = await measure(process.execPath, [MAIN, 'run', '--once', '--json', ...places])
    const told = code === 0 ? JSON.parse(stdout) : { lines: 0, parsed: 0, rejected: 0, skipped: 0 }
    const accounted = told.parsed + told.rejected + told.skipped
    total.peakMb = Math.max(total.peakMb, Math.round(peakBytes / 1e6))
    total.lines += written
    total.unaccounted += Math.abs(written - told.lines) + Math.abs(told.lines - accounted)
    total.failed ||= code !== 0
  }
  return total
}

function headLines(name: FloodName, from: number): number {
  return from === 0 && 'head' in FLOODS[name] ? 1 : 0
}
