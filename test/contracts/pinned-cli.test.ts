import { once } from 'node:events'
import { appendFileSync, cpSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { createProgram } from '../../src/faces/cli/program.ts'
import { SQLI } from '../support/access-lines.ts'
import { oddline } from '../support/cli.ts'
import { workplace } from '../support/workplace.ts'
import { jsonShape } from './support/json-shape.ts'
import { expectPinned } from './support/pinned.ts'

const SAMPLES = join(import.meta.dirname, '../../config/examples/logs')

/** Paths below which the keys are data. */
const MAPS = /\.(by_?\w+|counts|reject_reasons|votes|weights|placeholders|overrides)$/i

/** Commands that print JSON without being asked to. */
const ALWAYS = ['incidents show', 'dead-letters show', 'report --format json']

/** A place that has everything to show: findings, incidents, verdicts, models, a file that is no log, a sink that refuses. */
async function livedInPlace(): Promise<string> {
  const receiver = createServer((_, response) => response.writeHead(400).end('no')).listen(0, '127.0.0.1')
  onTestFinished(() => void receiver.close())
  await once(receiver, 'listening')
  const dir = workplace({ 'packed.zst': Buffer.from('28b52ffd0000000000', 'hex') })
  cpSync(SAMPLES, join(dir, 'logs'), { recursive: true })
  appendFileSync(join(dir, 'logs/access.log'), 'this is no line of an access log\n')
  const { port } = receiver.address() as AddressInfo
  const sink = `{type: webhook, url: 'http://127.0.0.1:${port}', signature: none, allow_private: true}`
  const detection = '{warmup_logs: 1500, training_events: 30000}'
  writeFileSync(join(dir, 'oddline.yaml'), `detection: ${detection}\nsinks:\n  hook: ${sink}\n`)
  return dir
}

test('what each command prints as JSON has the shape that is pinned', { timeout: 180_000 }, async () => {
  const dir = await livedInPlace()
  const texts: string[] = []
  async function shown(command: string, ...args: string[]): Promise<unknown[]> {
    const words = [...command.split(' '), ...args]
    const { stdout, stderr } = await oddline(dir, ...words, ...(ALWAYS.includes(command) ? [] : ['--json']))
    const values = jsonOf(stdout)
    expect(values, `${command} printed something; it said ${stderr}`).not.toHaveLength(0)
    texts.push(`${command}\n${jsonShape(values, MAPS)}`)
    return values
  }

  const [batch] = (await shown('run', '--once')) as { id: string }[]
  appendFileSync(join(dir, 'logs/access.log'), 'a line that no batch has read yet\n')
  await shown('status')
  await shown('report --format json', '--batch', batch.id)
  const [incidents] = (await shown('incidents list')) as { id: string }[][]
  await shown('incidents show', incidents[0].id)
  await shown('sinks list')
  const [letters] = (await shown('dead-letters list')) as { id: number }[][]
  await shown('dead-letters show', String(letters[0].id))
  const [trial] = (await shown('verdicts backtest', '--client', '203.0.113.66')) as {
    examples: { event: { id: string } }[]
  }[]
  await oddline(dir, 'verdicts', 'mark', trial.examples[0].event.id, 'benign')
  await shown('verdicts propose')
  await shown('verdicts precision')
  await shown('rules list')
  await shown('rules test')
  await shown('rules explain', SQLI)
  await shown('train', '--baseline-days', '3650')
  await shown('check-config')
  await shown('api-key')
  expectPinned('test/contracts/pinned/cli-json.txt', texts.join('\n'))

  const pinned = texts.map((text) => text.split('\n')[0]).filter((command) => !ALWAYS.includes(command))
  const offered = commandsWithJson(await createProgram(undefined))
  // The demo is a run on the samples, and prints by the same function.
  expect([...pinned, 'demo'].sort(), 'every command with --json').toEqual(offered.sort())
})

/** One value, or a value a line. */
function jsonOf(text: string): unknown[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
}

function commandsWithJson(command: Command, path: readonly string[] = []): string[] {
  const own = command.options.some(({ long }) => long === '--json') ? [path.join(' ')] : []
  return [...own, ...command.commands.flatMap((inner) => commandsWithJson(inner, [...path, inner.name()]))]
}
