import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sink } from '../../src/delivery/sink/sink.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { configured } from '../support/delivery.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oddline-file-sink-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const never = new AbortController().signal

async function fileSink(path: string, keys: Record<string, unknown> = {}): Promise<Sink> {
  const [{ sink }] = await configured({ out: { type: 'file', path, ...keys } })
  return sink as Sink
}

function idsOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id)
}

describe('the file sink', () => {
  it('writes a finding per line, whatever characters the log holds', async () => {
    const path = join(dir, 'deep/er/out.jsonl')
    const hostile = aFinding({ original: 'a\r\nb\u2028c\u0000"\\' })
    expect(await (await fileSink(path)).deliver([hostile, aFinding({ n: 1 })], never)).toEqual({ kind: 'delivered' })
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0])).toEqual(hostile)
  })

  it('rotates before the limit and keeps as many files as it should, losing none of those', async () => {
    const path = join(dir, 'out.jsonl')
    const sink = await fileSink(path, { max_bytes: 8_000, keep: 2 })
    const findings = someFindings(20)
    for (const finding of findings) await sink.deliver([finding], never)
    expect(readdirSync(dir).sort()).toEqual(['out.jsonl', 'out.jsonl.1', 'out.jsonl.2'])
    const kept = ['.2', '.1', ''].flatMap((suffix) => idsOf(path + suffix))
    expect(kept).toEqual(findings.slice(-kept.length).map(({ event }) => event.id))
    expect(readFileSync(path).length).toBeLessThanOrEqual(8_000)
  })

  it('cuts off the half document that a crash left, and keeps a whole last line without its end', async () => {
    const path = join(dir, 'out.jsonl')
    const sink = await fileSink(path)
    await sink.deliver([aFinding({ n: 0 })], never)
    appendFileSync(path, '{"@timestamp":"2026-01-05T1')
    await sink.deliver([aFinding({ n: 1 })], never)
    expect(idsOf(path)).toEqual([aFinding({ n: 0 }), aFinding({ n: 1 })].map(({ event }) => event.id))
    writeFileSync(path, JSON.stringify(aFinding({ n: 2 })))
    await sink.deliver([aFinding({ n: 3 })], never)
    expect(idsOf(path)).toEqual([aFinding({ n: 2 }), aFinding({ n: 3 })].map(({ event }) => event.id))
  })

  it('waits, rather than giving up, while the disk is full or the path is wrong', async () => {
    expect(await (await fileSink('/dev/full')).deliver([aFinding()], never)).toMatchObject({
      kind: 'retry',
      reason: 'server_error',
    })
    expect(await (await fileSink(dir)).deliver([aFinding()], never)).toMatchObject({
      kind: 'retry',
      reason: 'misconfigured',
    })
  })
})
