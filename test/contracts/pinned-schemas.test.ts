import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { BUILTIN_SINKS } from '../../sinks/builtin.ts'
import { HostKeys } from '../../src/delivery/routing/config.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { expectPinned } from './support/pinned.ts'
import { schemaLines } from './support/schema-lines.ts'

const ROOT = join(import.meta.dirname, '../..')
const schema = (name: string) => JSON.parse(readFileSync(join(ROOT, 'config', name), 'utf8'))

// `test/config/manual.test.ts` holds these two files equal to the code.
test('a finding has the keys and types that are pinned', () => {
  expectPinned('test/contracts/pinned/finding.txt', schemaLines(schema('finding.schema.json')))
})

test('the configuration has the keys, types, defaults and variables that are pinned', () => {
  expectPinned('test/contracts/pinned/config.txt', schemaLines(schema('schema.json')))
})

test('sinks have the keys that are pinned: those of every sink, and those of each that comes with Oddline', () => {
  const texts = [{ type: 'every sink', config: HostKeys }, ...BUILTIN_SINKS].map(({ type, config }) => {
    const json = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' })
    return `${type}\n${schemaLines(json as object)
      .replace(/^/gm, '  ')
      .trimEnd()}\n`
  })
  expectPinned('test/contracts/pinned/config-sinks.txt', texts.join('\n'))
})

test('the metrics have the names, types and labels that are pinned', async () => {
  const metrics = new Metrics()
  metrics.answered('/findings', 'GET', 200, 1)
  const sink = { name: 'a', pending: 1, oldestSeconds: 1, failures: 1, delivered: 1 }
  const text = await metrics.scrape({
    phase: 'warmup',
    rulesAreValid: true,
    lines: { parsed: 1, rejected: 1, skipped: 1 },
    bytes: 1,
    findings: [{ severity: 'low', detector: 'rules', count: 1 }],
    openIncidents: { low: 1 },
    verdicts: { benign: 1 },
    files: [{ path: 'a', bytes: 1, seconds: 1 }],
    sinks: [sink],
    deadLetters: [{ sink: 'a', reason: 'network', count: 1 }],
    batches: { done: 1 },
    judged: 1,
  })
  const lines = [...text.matchAll(/^# TYPE (oddline_\w+) (\w+)$/gm)].map(([, name, type]) => {
    const sample = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text)
    expect(sample, `${name} has a sample, so that its labels show`).not.toBeNull()
    const labels = [...(sample?.[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label)
    return `${name} ${type}${labels.length > 0 ? ` {${labels.sort().join(', ')}}` : ''}\n`
  })
  expectPinned('test/contracts/pinned/metrics.txt', lines.sort().join(''))
})
