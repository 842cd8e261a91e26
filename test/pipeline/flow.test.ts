import { describe, expect, test } from 'vitest'
import type { EventBlock } from '../../src/core/columns/block.ts'
import { BlockMemory } from '../../src/core/columns/block-memory.ts'
import type { Detector } from '../../src/detectors/detector.ts'
import type { Voter } from '../../src/learning/models/voter.ts'
import { type Done, Flow, type Learner } from '../../src/pipeline/flow.ts'
import { httpBlock } from '../support/blocks/http-block.ts'

/** Calls a request odd where its status is 500, and answers later the sooner it was asked. */
function detector(name: Detector['name'], seen: string[], many: boolean): Detector {
  let delay = 20
  const scoreOf = (block: EventBlock) =>
    block.kind === 'http' ? Float32Array.from(block.status, (status) => (status === 500 ? 0.9 : 0)) : new Float32Array()
  const score = async (block: EventBlock) => {
    seen.push(`${name} ${block.lines[0]}`)
    for (let i = 0; i < delay; i++) await new Promise((resolve) => setImmediate(resolve))
    delay = Math.max(0, delay - 5)
    return scoreOf(block)
  }
  const explain = async (block: EventBlock, index: number, calibrated: number) => {
    const nothing = { raw_score: 0, one_in: 1, features: [] }
    return {
      detector: 'isolation_forest' as const,
      score: calibrated,
      summary: `line ${block.lines[index]}`,
      ...nothing,
    }
  }
  const scoreMany = async (blocks: readonly EventBlock[]) => {
    const scores: Float32Array[] = []
    for (const block of blocks) scores.push(await score(block))
    return scores
  }
  return { name, score, explain, ...(many && { scoreMany }) }
}

const rules: Detector = {
  name: 'rules',
  score: (block) => new Float32Array(block.count).fill(Number.NaN),
  explain: () => {
    throw new Error('It has no opinion')
  },
}

const BLOCKS = 23
const PER_BLOCK = 5

/** Events 0, 1, 2 ... of which every seventh is odd; the third models come at event 60. */
async function run(options: { readonly threads: boolean; readonly group: number; readonly many: boolean }) {
  const asked: string[] = []
  const voter = (one: Detector): Voter => ({ detector: one, weight: 1, calibrate: (_, raw) => raw })
  const forest = voter(detector('isolation_forest', asked, false))
  const transformer = voter(detector('transformer', asked, options.many))
  let [given, learnt] = [0, 0]
  const learner: Learner = {
    get phase() {
      return learnt < 60 ? ('training' as const) : ('ensemble' as const)
    },
    get judging() {
      return learner.phase
    },
    get voters() {
      return [voter(rules), forest, ...(learnt < 60 ? [] : [transformer])]
    },
    get horizon() {
      return learnt < 60 ? 60 - learnt : Number.POSITIVE_INFINITY
    },
    learn: async (block) => {
      learnt += block.count
    },
    detectorState: async () => [{ name: 'given', value: Uint8Array.of(given) }],
    learningState: () => [{ name: 'learnt', value: Uint8Array.of(learnt) }],
  }
  const done: Done<number>[] = []
  const flow = new Flow<number>(learner, { ...options, logDir: '.', minScore: 0.5, memory: new BlockMemory() }, (one) =>
    done.push(one),
  )
  for (let n = 0; n < BLOCKS; n++) {
    const requests = Array.from({ length: PER_BLOCK }, (_, i) => ({
      status: (n * PER_BLOCK + i) % 7 === 0 ? 500 : 200,
    }))
    const block = httpBlock(requests)
    for (let i = 0; i < PER_BLOCK; i++) block.lines[i] = n * PER_BLOCK + i
    expect(flow.room).toBeGreaterThanOrEqual(PER_BLOCK)
    given += PER_BLOCK
    await flow.push(block, n, n % 4 === 3)
  }
  await flow.drain()
  return { asked, done }
}

describe('blocks on their way through the detectors', () => {
  const told = ({ done }: Awaited<ReturnType<typeof run>>) =>
    done.flatMap(({ findings }) =>
      findings.map(({ finding: { log, oddline } }) => `${log.file.line} ${oddline.phase} ${oddline.evidence.length}`),
    )

  test('come through in the order of reading, with the same findings however many are', async () => {
    const alone = await run({ threads: false, group: 1, many: false })
    expect(alone.done.map(({ account }) => account)).toEqual(Array.from({ length: BLOCKS }, (_, n) => n))
    expect(told(alone).length).toBe(Math.ceil((BLOCKS * PER_BLOCK) / 7))
    for (const threads of [false, true])
      for (const group of [1, 3, 16]) {
        const together = await run({ threads, group, many: true })
        expect(together.done.map(({ account }) => account)).toEqual(alone.done.map(({ account }) => account))
        expect(told(together)).toEqual(told(alone))
      }
  })

  test('are asked of the models that judge from their event on, and of no others', async () => {
    const { asked, done } = await run({ threads: true, group: 4, many: true })
    expect(asked.filter((one) => one.startsWith('transformer')).length).toBe(BLOCKS - 60 / PER_BLOCK)
    expect(new Set(told({ asked, done }).map((one) => one.split(' ').slice(1).join(' ')))).toEqual(
      new Set(['training 1', 'ensemble 2']),
    )
  })

  test('carry the state of exactly the events up to them where it was asked for', async () => {
    const { done } = await run({ threads: true, group: 4, many: true })
    for (const { account, state } of done) {
      const events = (account + 1) * PER_BLOCK
      const expected = account % 4 === 3 ? { learnt: events, given: events } : undefined
      expect(state && Object.fromEntries(state.map(({ name, value }) => [name, value[0]]))).toEqual(expected)
    }
  })
})

test('where every event is a finding, few are explained before the ones ahead of them are done', async () => {
  const block = () => httpBlock(Array.from({ length: 1500 }, () => ({ status: 500 })))
  let [explained, done, most] = [0, 0, 0]
  const forest = detector('isolation_forest', [], false)
  const explain: Detector['explain'] = (...args) => {
    most = Math.max(most, ++explained - done)
    return forest.explain(...args)
  }
  const voters = [rules, { ...forest, explain }].map((one): Voter => {
    return { detector: one, weight: 1, calibrate: (_, raw) => raw }
  })
  const learner: Learner = {
    phase: 'ensemble',
    judging: 'ensemble',
    voters,
    horizon: Number.POSITIVE_INFINITY,
    learn: async () => {},
    detectorState: async () => [],
    learningState: () => [],
  }
  const options = { threads: true, logDir: '.', minScore: 0.5, memory: new BlockMemory() }
  const flow = new Flow<number>(learner, options, ({ findings }) => {
    done += findings.length
  })
  for (let n = 0; n < 12; n++) await flow.push(block(), n, false)
  await flow.drain()
  expect([explained, done]).toEqual([12 * 1500, 12 * 1500])
  expect(most).toBeLessThanOrEqual(4096)
})

test('the memory of a block that was released serves the next one', () => {
  const memory = new BlockMemory()
  const first = httpBlock([{ target: '/a' }])
  const shared = memory.share(first)
  expect(memory.share(first)).toBe(shared)
  memory.release(first)
  const second = memory.share(httpBlock([{ target: '/b' }]))
  expect(second.memory).toBe(shared.memory)
  expect(memory.share(httpBlock([{ target: '/c' }])).memory).not.toBe(shared.memory)
})
