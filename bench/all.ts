import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs every benchmark of package.json, or those named as arguments, one after the other, and prints them as one table. */
interface Report {
  readonly bench: string
  readonly figures: Readonly<Record<string, number>>
  readonly peers: Readonly<Record<string, number>>
  readonly targets: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>
  readonly met: boolean
}

const root = join(import.meta.dirname, '../..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const known = Object.keys(scripts).flatMap((name) => (name.startsWith('bench:') ? [name.slice('bench:'.length)] : []))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known

console.log('| bench | figure | measured | aimed at | met |\n|---|---|---:|---:|---|')
for (const name of wanted) {
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.js`)], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const report = reportOf(last)
  if (!report) {
    console.log(`| ${name} | it ended without a report | | | no |`)
    continue
  }
  for (const [figure, value] of Object.entries(report.figures)) console.log(row(report, figure, value))
  for (const [peer, value] of Object.entries(report.peers)) console.log(`| ${name} | peer: ${peer} | ${value} | | |`)
}

function reportOf(line: string): Report | undefined {
  try {
    return JSON.parse(line) as Report
  } catch {
    return undefined
  }
}

function row({ bench, targets }: Report, figure: string, value: number): string {
  const { min, max } = targets[figure] ?? {}
  const aim = [...(min === undefined ? [] : [`>= ${min}`]), ...(max === undefined ? [] : [`<= ${max}`])].join(', ')
  const met = aim === '' ? '' : value >= (min ?? value) && value <= (max ?? value) ? 'yes' : 'no'
  return `| ${bench} | ${figure} | ${value} | ${aim} | ${met} |`
}
