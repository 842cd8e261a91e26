import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventBlock } from '../../../src/core/columns/block.ts'
import { EvidenceSchema } from '../../../src/core/documents/finding.ts'
import { TransformerDetector } from '../../../src/detectors/transformer/detector.ts'
import { SequenceScorer } from '../../../src/detectors/transformer/scoring/scorer.ts'
import { blockOf, type Event, goodSession, smallModel, templatesOf } from './support.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5, 12)

let scorer: SequenceScorer
beforeAll(async () => {
  scorer = await SequenceScorer.open(smallModel())
})
afterAll(() => scorer.close())

function detector(options: { maxSessions?: number } = {}): TransformerDetector {
  return new TransformerDetector(
    {
      templatesOf,
      textOf: (template) => `step ${template}`,
      rarity: (nats) => ({ oneIn: Math.round(Math.exp(nats)), heldOut: 1e6, seen: true }),
      idleMs: 10 * MINUTE,
      maxSessions: options.maxSessions,
    },
    scorer,
  )
}

const of = (client: string, templates: readonly number[]): Event[] =>
  templates.map((template) => ({ client, template, time: START }))

/** The events in blocks of these sizes, the last of them as long as it must be. */
function blocksOf(events: readonly Event[], sizes: readonly number[]) {
  const blocks: EventBlock[] = []
  for (let next = 0, b = 0; next < events.length; b++) {
    const size = sizes[b] ?? events.length
    blocks.push(blockOf(events.slice(next, next + size)))
    next += size
  }
  return blocks
}

/** Scores of blocks, `group` of them at once, with a stop and a restart between groups or without. */
async function run(blocks: readonly EventBlock[], group: number, restarted = false) {
  let one = detector()
  const scores: number[] = []
  for (let next = 0; next < blocks.length; next += group) {
    for (const part of await one.scoreMany(blocks.slice(next, next + group))) scores.push(...part)
    if (!restarted) continue
    const snapshot = one.snapshot()
    one = detector()
    one.restore(snapshot)
  }
  return scores
}

const random = (maxLength: number) =>
  fc
    .array(
      fc.record({
        client: fc.constantFrom('a', 'b', 'c'),
        template: fc.constantFrom(10, 11, 20, 21, 22, 23, 99),
        pause: fc.constantFrom(0, 1000, 4 * MINUTE, 11 * MINUTE),
        known: fc.boolean(),
      }),
      { minLength: 1, maxLength },
    )
    .map((steps) => {
      let now = START
      return steps.map(({ client, template, pause, known }): Event => {
        now += pause
        return { client, template, time: known ? now : Number.NaN }
      })
    })
const sizes = fc.array(fc.integer({ min: 1, max: 60 }))

describe('the transformer detector', () => {
  it('scores each event after those before it in its session, as the scorer does for whole sessions', async () => {
    const [a, b] = [goodSession(80), [10, 22, 20, 99, 11]]
    const mixed = a.flatMap((template, i) => [
      { client: 'a', template, time: START },
      ...(i < b.length ? [{ client: 'b', template: b[i], time: START }] : []),
    ])
    const scores = await detector().score(blockOf(mixed))
    const expected = await scorer.scoreSessions([Int32Array.from(a), Int32Array.from(b)])
    const own = (client: string) => [...scores].filter((_, i) => mixed[i].client === client)
    expect(own('a')).toEqual([...expected[0].slice(0, -1)])
    expect(own('b')).toEqual([...expected[1].slice(0, -1)])
  })

  it('gives the same scores wherever blocks begin, also when it is stopped and resumed between them', async () => {
    const groups = fc.integer({ min: 1, max: 5 })
    await fc.assert(
      fc.asyncProperty(random(250), sizes, groups, fc.boolean(), async (events, sizes, group, restarted) => {
        expect(await run(blocksOf(events, sizes), group, restarted)).toEqual(await run([blockOf(events)], 1))
      }),
      { numRuns: 60 },
    )
  })

  it('gives long sessions the same scores in groups of any size, and as the scorer does for whole sessions', async () => {
    const steps = Array.from({ length: 700 }, (_, i) => (i % 17 === 5 ? 99 : 20 + ((i * i) % 4)))
    const blocks = blocksOf(of('a', steps), [1, 63, 64, 65, 1, 1, 33, 200])
    const expected = await run(blocks, 1)
    for (const group of [2, 3, blocks.length]) expect(await run(blocks, group)).toEqual(expected)
    const [whole] = await scorer.scoreSessions([Int32Array.from(steps)])
    expect(expected).toEqual([...whole.slice(0, -1)])
  })

  it('begins a session anew once the log has moved on', async () => {
    const torn = goodSession(8).slice(0, 4)
    const at = (client: string, templates: number[], time: number) =>
      templates.map((template) => ({ client, template, time }))
    const scores = await detector().score(
      blockOf([...at('a', torn, START), ...at('b', [10], START + 11 * MINUTE), ...at('a', torn, START + 12 * MINUTE)]),
    )
    expect(scores.slice(-4)).toEqual(scores.slice(0, 4))
  })

  it('explains a step by what was seen, what was expected, and after what', async () => {
    const one = detector()
    const block = blockOf(of('a', [10, 20, 21, 20]))
    const scores = await one.score(block)
    const nats = scores[3]
    scores.fill(0.9) // as the ensemble does when it calibrates in place
    const evidence = EvidenceSchema.parse(await one.explain(block, 3, 0.9))
    expect(evidence).toMatchObject({
      detector: 'transformer',
      score: 0.9,
      seen: { template: 'step 20', probability: Math.exp(-nats) },
      context: ['step 10', 'step 20', 'step 21'],
      one_in: Math.round(Math.exp(nats)),
    })
    if (evidence.detector !== 'transformer') throw new Error('unreachable')
    expect(evidence.expected.length).toBe(3)
    expect(evidence.expected[0].template).toBe('step 22')
    expect(evidence.summary).toMatch(
      /"step 20" follows "step 21" .*1 time in [\d,]+; most often "step 22" \(\d+ %\) follows$/,
    )
  })

  it('says of a step that is odd to others alone how probable it was, and no more', async () => {
    const one = detector()
    const block = blockOf(of('a', [10, 20, 21, 22]))
    const scores = await one.score(block)
    const [ordinary, odd] = await one.explainMany(block, [
      { index: 3, calibrated: 0.1 },
      { index: 3, calibrated: 0.5 },
    ])
    if (ordinary.detector !== 'transformer' || odd.detector !== 'transformer') throw new Error('unreachable')
    expect(ordinary.expected).toEqual([])
    expect(ordinary.summary).toMatch(
      /^Most normal requests are as unusual: "step 22" follows "step 21" \d+ % of the time$/,
    )
    expect(odd.expected[0].probability).toBeCloseTo(Math.exp(-scores[3]), 2)
  })

  it('explains events deep in a long session, and first ones', async () => {
    const one = detector()
    await one.score(blockOf(of('a', goodSession(100).slice(0, -1))))
    const block = blockOf([...of('a', [23]), ...of('b', [10])])
    await one.score(block)
    const deep = await one.explain(block, 0, 0.5)
    if (deep.detector !== 'transformer') throw new Error('unreachable')
    expect(deep.context.length).toBe(20)
    expect(deep.context.at(-1)).toBe('step 23')
    expect((await one.explain(block, 1, 0.5)).summary).toContain('the first request of its session is "step 10"')
  })

  it('explains an event of any block that was scored, also after later ones, as at once', async () => {
    const blocks = blocksOf(of('a', goodSession(150)), [30, 1, 50, 7])
    const one = detector()
    await one.scoreMany(blocks.slice(0, 3))
    const other = detector()
    await other.scoreMany(blocks.slice(0, 1))
    await other.scoreMany(blocks.slice(1, 2))
    const early = await other.explain(blocks[1], 0, 0.5)
    await one.scoreMany(blocks.slice(3))
    expect(await one.explain(blocks[1], 0, 0.5)).toEqual(early)
    const whole = detector()
    const block = blockOf(of('a', goodSession(150)))
    await whole.score(block)
    for (const [b, index, at] of [
      [0, 29, 29],
      [2, 49, 80],
      [3, 0, 81],
    ])
      expect(await one.explain(blocks[b], index, 0.5)).toEqual(await whole.explain(block, at, 0.5))
    await expect(one.explain(blockOf([]), 0, 0.5)).rejects.toThrow('scored')
  })

  it('holds a bounded number of sessions and forgets one that was silent', async () => {
    const one = detector({ maxSessions: 2 })
    await one.score(blockOf([...of('a', [10, 20]), ...of('b', [10, 20]), ...of('c', [10, 20])]))
    const scores = await one.score(blockOf([...of('c', [21]), ...of('a', [21])]))
    expect(scores[1]).toBeGreaterThan(scores[0] + 2)
  })

  it('keeps long session keys apart without keeping them', async () => {
    const one = detector()
    const long = 'x'.repeat(5000)
    await one.score(blockOf([...of(`${long}1`, [10, 20]), ...of(`${long}2`, [10, 22])]))
    const scores = await one.score(blockOf([...of(`${long}1`, [21]), ...of(`${long}2`, [23])]))
    expect(Math.max(...scores)).toBeLessThan(2)
    expect(one.snapshot().length).toBeLessThan(2000)
  })

  it('refuses a snapshot that is damaged, and is then as new', async () => {
    const one = detector()
    await one.score(blockOf(of('a', [10, 20])))
    const snapshot = one.snapshot()
    for (const bad of [
      snapshot.slice(0, -3),
      Buffer.from('{}'),
      Buffer.from('{"format":1,"newest":null,"sessions":[[1,2]]}'),
    ]) {
      expect(() => one.restore(bad)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
    }
    const [score] = await one.score(blockOf(of('a', [10])))
    const [first] = await detector().score(blockOf(of('a', [10])))
    expect(score).toBe(first)
  })
})
