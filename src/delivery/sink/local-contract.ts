import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configureSinks } from '../routing/configure.ts'
import type { ContractCase } from './contract.ts'
import { testFinding } from './sample.ts'
import type { DeliveryOutcome, Finding, SinkDefinition } from './sink.ts'

/** A sink that stores findings on this machine. It runs the cases that need no receiver. */
export interface LocalSinkHarness {
  readonly definition: SinkDefinition
  /** The sink's own settings, for a location in `dir`. */
  config(dir: string): Record<string, unknown>
  /** Ids of the findings delivered into `dir`, in order. */
  idsIn(dir: string): string[]
}

export function localSinkContract(harness: LocalSinkHarness): readonly ContractCase[] {
  const signal = new AbortController().signal
  const two = () => [1, 2].map((n) => withId(testFinding(Date.now()), `contract-${n}`))
  return [
    {
      name: 'delivers a whole batch in order',
      run: () =>
        inFolder(async (dir) => {
          assert.deepEqual(await deliver(harness, dir, two(), signal), { kind: 'delivered' })
          assert.deepEqual(harness.idsIn(dir), ['contract-1', 'contract-2'])
        }),
    },
    {
      name: 'delivers a finding again under the same id',
      run: () =>
        inFolder(async (dir) => {
          for (let i = 0; i < 2; i++) await deliver(harness, dir, two(), signal)
          assert.deepEqual(new Set(harness.idsIn(dir)), new Set(['contract-1', 'contract-2']))
        }),
    },
    {
      name: 'retries, without throwing, when the location is not writable',
      run: () =>
        inFolder(async (dir) => {
          const file = join(dir, 'a-file')
          writeFileSync(file, '')
          assert.equal((await deliver(harness, join(file, 'below'), two(), signal)).kind, 'retry')
        }),
    },
    {
      name: 'does not throw when the signal aborts before it begins',
      run: () =>
        inFolder(async (dir) => {
          const outcome = await deliver(harness, dir, two(), AbortSignal.abort())
          const delivered = harness.idsIn(dir).length
          assert.ok(outcome.kind === 'delivered' ? delivered === 2 : outcome.kind === 'retry', JSON.stringify(outcome))
        }),
    },
  ]
}

function withId(finding: Finding, id: string): Finding {
  return { ...finding, event: { ...finding.event, id } }
}

async function deliver(
  { definition, config }: LocalSinkHarness,
  dir: string,
  batch: readonly Finding[],
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const section = { contract: { type: definition.type, ...config(dir) } }
  const [configured] = await configureSinks(section, { builtin: [definition] })
  assert.ok(configured.takes === 'findings')
  try {
    return await configured.sink.deliver(batch, signal)
  } finally {
    await configured.sink.close?.()
  }
}

async function inFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-sink-contract-'))
  try {
    await use(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
