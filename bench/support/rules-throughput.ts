import type { HttpBlock } from '../../src/core/block.ts'
import { seeded } from '../../src/core/random.ts'
import { RulesDetector } from '../../src/detectors/rules/detector.ts'
import { loadRules } from '../../src/detectors/rules/load.ts'
import { httpBlock, type Request } from './http-block.ts'
import { median } from './measure.ts'

const BLOCK = 4096
const BLOCKS = 24
const ROUNDS = 9
const LONG = 100_000

/** Lines a second of the shipped rules on benign traffic, and what hostile lines cost beside ordinary ones as long. */
export function throughput(real: readonly Request[]): Record<string, number> {
  const detector = new RulesDetector(loadRules(['config/rules']))
  const blocks = benignBlocks(real)
  const seconds = bestOf(() => {
    for (const block of blocks) detector.score(block)
  })
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
  return { lines_per_second: Math.round((BLOCK * BLOCKS) / seconds), hostile_cost_ratio: Math.max(...ratios) }
}

/** Real lines with the User-Agents and referrers of thousands of browsers and pages, and identifiers in the targets. */
export function benignBlocks(real: readonly Request[]): HttpBlock[] {
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
  return bestOf(() => detector.score(block))
}

/** Median of several rounds after two to warm up, seconds. */
function bestOf(work: () => void): number {
  const times: number[] = []
  for (let round = -2; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    work()
    if (round >= 0) times.push(Number(process.hrtime.bigint() - started) / 1e9)
  }
  return median(times)
}
