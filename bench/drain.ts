import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { Drain } from '../src/templates/drain.ts'
import { dataFile } from './support/data.ts'
import { pythonWith } from './support/python.ts'
import { report } from './support/report.ts'

/**
 * Grouping accuracy on the 16 systems of loghub (Zhu et al., ICSE-SEIP 2019): a message counts as right when the messages
 * of its group are exactly those of its true template. One configuration for all systems. Speed is measured over the
 * messages of all systems against Drain3 on the same machine, in the same run, with its default configuration.
 */
const ROUNDS = 15

const root = dataFile('loghub2k')
const figures: Record<string, number> = {}
const everything: string[] = []
let sum = 0
const systems = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
for (const { name } of systems) {
  const rows = parse(readFileSync(join(root, name, `${name}_2k.log_structured.csv`), 'utf8'), {
    columns: true,
    relax_quotes: true,
  }) as { Content: string; EventId: string }[]
  const drain = new Drain()
  const ids = rows.map(({ Content }) => drain.template(Content))
  const accuracy = groupingAccuracy(
    ids.map((id) => drain.resolve(id)),
    rows.map(({ EventId }) => EventId),
  )
  figures[`accuracy_${name.toLowerCase()}`] = round(accuracy)
  sum += accuracy
  for (const { Content } of rows) everything.push(Content)
}
figures.accuracy_mean = round(sum / systems.length)
figures.lines_per_second = Math.round(speed())

const peers: Record<string, number> = { drain_published_accuracy_mean: 0.8653 }
const python = pythonWith(['drain3'])
if (python !== undefined) {
  const drain3 = drain3Speed(python)
  peers.drain3_lines_per_second = Math.round(drain3)
  figures.times_drain3 = round(figures.lines_per_second / drain3)
}
report('drain', figures, peers, { accuracy_mean: { min: 0.9 }, times_drain3: { min: 20 } })

function groupingAccuracy(found: readonly number[], truth: readonly string[]): number {
  const groups = new Map<number, number[]>()
  const sizes = new Map<string, number>()
  found.forEach((id, i) => {
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [i])
    else group.push(i)
  })
  for (const id of truth) sizes.set(id, (sizes.get(id) ?? 0) + 1)
  let right = 0
  for (const group of groups.values()) {
    const first = truth[group[0]]
    if (group.length === sizes.get(first) && group.every((i) => truth[i] === first)) right += group.length
  }
  return right / found.length
}

/** Messages a second, each round from nothing, the median of the rounds. */
function speed(): number {
  const rates: number[] = []
  for (let r = 0; r < ROUNDS; r++) {
    const drain = new Drain()
    const started = process.hrtime.bigint()
    for (const message of everything) drain.template(message)
    rates.push(everything.length / (Number(process.hrtime.bigint() - started) / 1e9))
  }
  return rates.sort((a, b) => a - b)[ROUNDS >> 1]
}

function drain3Speed(python: string): number {
  const script = `
import sys, json, time, statistics
from drain3 import TemplateMiner
messages = json.load(sys.stdin)
rates = []
for _ in range(3):
    miner = TemplateMiner()
    started = time.perf_counter()
    for message in messages:
        miner.add_log_message(message)
    rates.append(len(messages) / (time.perf_counter() - started))
print(statistics.median(rates))
`
  const ran = spawnSync(python, ['-c', script], { input: JSON.stringify(everything), encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`Drain3 failed: ${ran.stderr}`)
  return Number(ran.stdout.trim().split('\n').at(-1))
}

function round(figure: number): number {
  return Math.round(figure * 10_000) / 10_000
}
