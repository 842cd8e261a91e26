import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfTimes } from './support/profile.ts'
import { report } from './support/report.ts'
import { Yard } from './support/yard.ts'

/**
 * Where the time of a batch goes, thread by thread: the whole ensemble over LINES generated requests under V8's sampling
 * profiler. The profiles stay where the first line says, for a flame graph (speedscope, or the browser's own tools).
 */
const LINES = Number(process.env.LINES ?? 1_000_000)
const SHOWN = 15

const yard = new Yard('profile', Math.min(50_000, LINES))
const profiles = join(process.env.PROFILES ?? tmpdir(), `oddline-profiles-${process.pid}`)
mkdirSync(profiles)
try {
  const flags = await yard.trained('combined')
  const sampling = ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
  const { seconds, cpuSeconds } = await yard.run(yard.logs('combined', LINES), flags, sampling)
  console.log(`Profiles: ${profiles}`)
  const figures: Record<string, number> = { lines_per_second: Math.round(LINES / seconds), cpu_seconds: cpuSeconds }
  for (const file of readdirSync(profiles).sort()) {
    const { thread, busyMs, functions } = selfTimes(readFileSync(join(profiles, file), 'utf8'))
    figures[`${thread}_busy_ms`] = Math.round(busyMs)
    console.log(`\n${thread}: ${Math.round(busyMs)} ms busy`)
    for (const { name, ms } of functions.slice(0, SHOWN)) console.log(`${ms.toFixed(0).padStart(8)} ms  ${name}`)
  }
  report('profile', figures, {}, {})
} finally {
  yard.remove()
}
