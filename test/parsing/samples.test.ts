import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { RecordBlock } from '../../src/core/columns/block.ts'
import { createParser } from '../../src/parsing/parser.ts'
import { sniff } from '../../src/parsing/sniff.ts'
import { generate } from '../support/generate/generate.ts'
import { makeSamples } from '../support/generate/make-samples.ts'
import { blockOf, blockOfLines } from './blocks.ts'

const SAMPLES = join(import.meta.dirname, '../../config/examples/logs')
const folder = mkdtempSync(join(tmpdir(), 'oddline-samples-'))
afterAll(() => rmSync(folder, { recursive: true }))

function blockIn(bytes: Buffer, framing: string): RecordBlock {
  if (framing !== 'json-array') return blockOfLines(bytes)
  return blockOf((JSON.parse(bytes.toString()) as unknown[]).map((element) => JSON.stringify(element)))
}

function parseFile(path: string) {
  const bytes = readFileSync(path)
  const sniffed = sniff(bytes.subarray(0, 65_536), path)
  return { format: sniffed.format, ...createParser().parse(blockIn(bytes, sniffed.framing), sniffed) }
}

describe("the demo's logs", () => {
  it('are what their script writes', () => {
    makeSamples(folder)
    const names = readdirSync(folder)
    expect(names.sort()).toEqual(readdirSync(SAMPLES).sort())
    for (const name of names) {
      expect(readFileSync(join(folder, name)).equals(readFileSync(join(SAMPLES, name)))).toBe(true)
    }
  })

  it.each([
    ['access.log', 'access'],
    ['auth.log', 'syslog'],
    ['security-events.json', 'json'],
    ['security-events.csv', 'csv'],
  ])('%s is %s and every record of it an event', (name, format) => {
    const parsed = parseFile(join(SAMPLES, name))
    expect(parsed.format).toBe(format)
    expect(parsed.rejects).toEqual([])
    expect(parsed.events.count).toBeGreaterThan(100)
  })

  it('hold addresses of documentation only', () => {
    for (const name of readdirSync(SAMPLES)) {
      const addresses = readFileSync(join(SAMPLES, name), 'utf8').match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? []
      const strange = addresses.filter(
        (address) => !/^(?:192\.0\.2|198\.51\.100|203\.0\.113|127\.0\.0)\./.test(address),
      )
      // Versions of browsers look like addresses.
      expect(strange.filter((address) => !/^1\d\d\.0\.0\.0$/.test(address))).toEqual([])
    }
  })
})

describe('generated logs', () => {
  it.each(['combined', 'auth', 'json', 'csv'] as const)(
    '%s: the same seed writes the same lines, all of which parse',
    (format) => {
      const path = join(folder, format)
      const options = { lines: 4000, seed: 7, format }
      const told = generate(path, options)
      const first = readFileSync(path)
      expect(told).toMatchObject({ lines: 4000, bytes: first.length })
      generate(path, options)
      expect(readFileSync(path).equals(first)).toBe(true)
      generate(path, { ...options, seed: 8 })
      expect(readFileSync(path).equals(first)).toBe(false)
      const parsed = parseFile(path)
      expect([parsed.events.count, parsed.rejects.length]).toEqual([4000, 0])
      expect(parsed.events.time.every((time, i) => i === 0 || time >= parsed.events.time[i - 1])).toBe(true)
    },
  )

  it('hold about one attack line in two hundred', () => {
    const { attacks } = generate(join(folder, 'attacks'), { lines: 20_000, seed: 3, format: 'combined' })
    expect(attacks).toBeGreaterThan(60)
    expect(attacks).toBeLessThan(140)
  })
})
