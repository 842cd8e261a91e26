import { extname, join } from 'node:path'
import { measure } from '../support/measure.ts'
import type { Outcome } from './scenario.ts'

const BENCH = join(import.meta.dirname, `../api-fuzz${extname(import.meta.url)}`)

/** The benchmark of hostile requests as a scenario. */
export async function fuzzApi(dir: string, requests: number, seed: number): Promise<Outcome> {
  const settings = { ODDLINE_REQUESTS: String(requests), ODDLINE_SEED: String(seed), TMPDIR: dir }
  const { stdout } = await measure(process.execPath, [BENCH], settings)
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const { figures, met } = JSON.parse(last) as { figures: Record<string, number>; met: boolean }
  return {
    ok: met,
    detail: met ? JSON.stringify(figures) : stdout.slice(-4000),
    figures: { hostile_requests: figures.requests, api_faults: figures.faults + figures.server_errors },
  }
}
