import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpBlock } from '../../src/core/columns/block.ts'
import { seeded } from '../../src/core/random.ts'
import { RulesDetector } from '../../src/detectors/rules/detector.ts'
import { loadRules } from '../../src/detectors/rules/loading/load.ts'
import { httpBlock, numbered, type Request } from '../../test/support/blocks/http-block.ts'
import { dataFile } from './data.ts'
import { median } from './measure.ts'

const BLOCK = 4096
const BLOCKS = 24
const ROUNDS = 9
const WARM_UP = 4
const LONG = 100_000
const MANY_RULES = 1000

/**
 * Lines a second of processor time of the shipped rules on benign traffic, where its texts have been seen before and
 * where each is new, and with SigmaHQ's rules beside them; what hostile lines cost beside ordinary ones as long; and, to compare machines by, the time to hash a byte of the targets.
 */
export function throughput(real: readonly Request[]): Record<string, number> {
  const detector = new RulesDetector(loadRules(['config/rules']))
  const blocks = benignBlocks(real)
  const known = numbered(blocks)
  const speed = (rules: RulesDetector, made = () => known) => {
    const seconds = medianOf((on) => {
      for (const block of on) rules.score(block)
    }, made)
    return Math.round((BLOCK * BLOCKS) / seconds)
  }
  const alone = speed(detector)
  // Made beforehand: collecting the garbage of one round would be counted in the next.
  const anew = Array.from({ length: WARM_UP + ROUNDS }, () => numbered(blocks))
  const unseen = speed(detector, () => anew.pop()!)
  const crowded = speed(new RulesDetector(loadRules(['config/rules', sigmaHqRules(MANY_RULES)])))
  const ordinary = cost(detector, `/a${'/products/blue-shirt-42'.repeat(LONG / 24)}`)
  const hostile: Record<string, string> = {
    percent: `/?q=${'%25'.repeat(LONG / 3)}`,
    nested_percent: `/?q=${'%25'.repeat(10)}${'25'.repeat(LONG / 2)}`,
    comments: `/?q=1${'/*'.repeat(LONG / 2)}`,
    comment_pairs: `/?q=un${'/**/'.repeat(LONG / 4)}ion`,
    near_sql: `/?q=${"'+or+union+sel+(select".repeat(LONG / 22)}`,
    near_script: `/?q=${'<a+onx+<script'.repeat(LONG / 14)}`,
    near_shell: `/?q=${';$(`cat+|'.repeat(LONG / 10)}`,
    dots: `/?q=${'../.\\'.repeat(LONG / 5)}`,
    quotes: `/?q=${"'".repeat(LONG)}`,
    spaces: `/?q=${'+'.repeat(LONG)}or`,
    entities: `/?q=${'&#x26;'.repeat(LONG / 6)}`,
    arguments: `/?${'a=1&'.repeat(LONG / 4)}`,
  }
  const ratios = Object.entries(hostile).map(([name, target]) => {
    const ratio = cost(detector, target) / ordinary
    console.log(`hostile\t${name}\t${ratio.toFixed(1)} times an ordinary line of ${LONG} bytes`)
    return ratio
  })
  return {
    lines_per_second: alone,
    lines_per_second_of_new_texts: unseen,
    lines_per_second_sigmahq: crowded,
    sigmahq_part_of_speed: crowded / alone,
    hostile_cost_ratio: Math.max(...ratios),
    calibration_ns_per_byte: calibration(blocks),
  }
}

/** A directory with `count` of SigmaHQ's rules, web server rules first. */
function sigmaHqRules(count: number): string {
  const work = mkdtempSync(join(tmpdir(), 'oddline-sigmahq-'))
  execFileSync('tar', ['xzf', dataFile('sigma', 'sigmahq-rules.tar.gz'), '-C', work])
  const files = readdirSync(work, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(work, name), 'utf8') }))
  const forWeb = ({ text }: { text: string }) => (/category:\s*webserver/.test(text) ? 0 : 1)
  const chosen = files.sort((a, b) => forWeb(a) - forWeb(b) || (a.name < b.name ? -1 : 1)).slice(0, count)
  const folder = mkdtempSync(join(tmpdir(), 'oddline-sigmahq-'))
  for (const [i, { text }] of chosen.entries()) writeFileSync(join(folder, `${i}.yml`), text)
  rmSync(work, { recursive: true })
  console.log(`sigmahq\t${chosen.length} rules, ${chosen.filter((file) => forWeb(file) === 0).length} for web servers`)
  return folder
}

function calibration(blocks: readonly HttpBlock[]): number {
  let hash = 0
  let bytes = 0
  const seconds = medianOf(() => {
    bytes = 0
    for (const { target } of blocks) {
      const text = target.source.slice(0, target.source.bytes.length)
      bytes += text.length
      for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
    }
  })
  console.log(`calibration\t${hash}`)
  return (seconds * 1e9) / bytes
}

/** Real lines with the User-Agents and referrers of thousands of browsers and pages, and identifiers in the targets. */
function benignBlocks(real: readonly Request[]): HttpBlock[] {
  const random = seeded(11)
  const pick = (bound: number) => Math.floor(random() * bound)
  const make = (): Request => {
    const request = real[pick(real.length)]
    const agent = pick(4000)
    return {
      ...request,
      target: random() < 0.3 ? `/shop/item-${pick(100_000)}?ref=${pick(1000)}&page=${pick(50)}` : request.target,
      userAgent:
        random() < 0.5
          ? `Mozilla/5.0 (X11; Linux x86_64; rv:${agent % 130}.0) Gecko/${agent} Firefox/${agent % 130}`
          : request.userAgent,
      referer: random() < 0.5 ? `https://shop.example/list?page=${pick(5000)}` : request.referer,
    }
  }
  return Array.from({ length: BLOCKS }, () => httpBlock(Array.from({ length: BLOCK }, make)))
}

function cost(detector: RulesDetector, target: string): number {
  const block = httpBlock(Array.from({ length: 8 }, () => ({ target })))
  return medianOf(() => detector.score(block))
}

/**
 * Median of several rounds after some to warm up, seconds of processor time: the machine may be busy. `prepare` makes
 * what a round works on and is not counted.
 */
function medianOf<T>(work: (on: T) => void, prepare: () => T = () => undefined as T): number {
  const times: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const on = prepare()
    const before = process.cpuUsage()
    work(on)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) times.push((user + system) / 1e6)
  }
  return median(times)
}
