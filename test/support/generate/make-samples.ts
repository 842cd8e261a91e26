import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { accessSample } from './sample-access.ts'
import { authSample } from './sample-auth.ts'
import { securityCsvSample, securityJsonSample } from './sample-events.ts'

/** Writes the demo's logs. The same seed writes the same bytes, so that a change of them shows in review. */
export function makeSamples(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'access.log'), accessSample(11))
  writeFileSync(join(folder, 'auth.log'), authSample(12))
  writeFileSync(join(folder, 'security-events.json'), securityJsonSample(13))
  writeFileSync(join(folder, 'security-events.csv'), securityCsvSample(14))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeSamples(process.argv[2] ?? 'config/examples/logs')
