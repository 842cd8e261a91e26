import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EvidenceSchema } from '../../../src/core/finding.ts'
import { type EndedSession, TransformerDetector } from '../../../src/detectors/transformer/detector.ts'
import { SequenceScorer } from '../../../src/detectors/transformer/scorer.ts'
import { blockOf, type Event, goodSession, smallModel, templatesOf } from './support.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5, 12)

let scorer: SequenceScorer
beforeAll(async () => {
  scorer = await SequenceScorer.open(smallModel())
})
afterAll(() => scorer.close())

function detector(options: { maxSessions?: number; scorer?: SequenceScorer | null } = {}): TransformerDetector {
  return new TransformerDetector(
    {
      templatesOf,
      textOf: (template) => `step ${template}`,
      oneIn: (nats) => Math.round(Math.exp(nats)),
      idleMs: 10 * MINUTE,
      maxSessions: options.maxSessions,
    },
    options.scorer === null ? undefined : (options.scorer ?? scorer),
  )
}

const of = (client: string, templates: readonly number[]): Event[] =>
  templates.map((template) => ({ client, template, time: START }))

/** Scores and ended sessions of events that come in blocks of these sizes, the last of them as long as it must be. */
async function run(events: readonly Event[], sizes: readonly number[], snapshotBetween = false) {
  let one = detector()
  const scores: number[] = []
  const ended: EndedSession[] = []
  for (let next = 0, b = 0; next < events.length; b++) {
    const size = sizes[b] ?? events.length
    scores.push(...(await one.score(blockOf(events.slice(next, next + size)))))
    ended.push(...one.ended)
    next += size
    if (snapshotBetween) {
      const snapshot = one.snapshot()
      one = detector()
      one.restore(snapshot)
    }
  }
  return { scores, ended }
}

describe('the transformer detector', () => {
  it('has no opinion before it has a model, and follows sessions all the same', async () => {
    const late = detector({ scorer: null })
    expect([...(await late.score(blockOf(of('a', [10, 20]))))]).toEqual([Number.NaN, Number.NaN])
    late.use(scorer)
    const [score] = await late.score(blockOf(of('a', [21])))
    const [, , expected] = await detector().score(blockOf(of('a', [10, 20, 21])))
    expect(score).toBe(expected)
  })

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

  it('gives the same scores and ends wherever blocks begin, also when it is stopped and resumed between them', async () => {
    const event = fc.record({
      client: fc.constantFrom('a', 'b', 'c'),
      template: fc.constantFrom(10, 11, 20, 21, 22, 23, 99),
      pause: fc.constantFrom(0, 1000, 4 * MINUTE, 11 * MINUTE),
      known: fc.boolean(),
    })
    const cases = fc.tuple(fc.array(event, { minLength: 1, maxLength: 150 }), fc.array(fc.integer({ min: 1, max: 60 })))
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), async ([steps, sizes], resumed) => {
        let now = START
        const events = steps.map(({ client, template, pause, known }) => {
          now += pause
          return { client, template, time: known ? now : Number.NaN }
        })
        expect(await run(events, sizes, resumed)).toEqual(await run(events, []))
      }),
      { numRuns: 40 },
    )
  })

  it('judges the end of a session once the log has moved on, and begins it anew', async () => {
    const torn = goodSession(8).slice(0, 4)
    const at = (client: string, templates: number[], time: number) =>
      templates.map((template) => ({ client, template, time }))
    const one = detector()
    const scores = await one.score(
      blockOf([
        ...at('torn', torn, START),
        ...at('whole', goodSession(6), START),
        ...at('other', [10], START + 11 * MINUTE),
        ...at('torn', torn, START + 12 * MINUTE),
      ]),
    )
    expect(one.ended.map(({ key, events, time }) => [key, events, time])).toEqual([
      ['torn', 4, START],
      ['whole', 8, START],
    ])
    const [end, wholeEnd] = one.ended
    expect(end.score).toBeGreaterThan(wholeEnd.score + 3)
    expect(end.templates).toEqual(Int32Array.from(torn))
    expect(end.worst).toBe(Math.max(end.score, ...scores.slice(0, 4)))
    expect(scores.slice(-4)).toEqual(scores.slice(0, 4))
    await one.score(blockOf([]))
    expect(one.ended).toEqual([])
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
    expect(evidence.summary).toContain('After "step 21", "step 20" has a probability of')
    expect(evidence.summary).toContain('expected was "step 22"')
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
    expect((await one.explain(block, 1, 0.5)).summary).toContain('As the first step of its session')
  })

  it('holds a bounded number of sessions and forgets the one that was silent longest', async () => {
    const one = detector({ maxSessions: 2 })
    await one.score(blockOf([...of('a', [10, 20]), ...of('b', [10, 20]), ...of('c', [10, 20])]))
    const scores = await one.score(blockOf([...of('c', [21]), ...of('a', [21])]))
    expect(scores[1]).toBeGreaterThan(scores[0] + 2)
    expect(one.ended).toEqual([])
  })

  it('keeps long session keys apart without keeping them', async () => {
    const one = detector()
    const long = 'x'.repeat(5000)
    await one.score(blockOf([...of(`${long}1`, [10, 20]), ...of(`${long}2`, [10, 22])]))
    const scores = await one.score(blockOf([...of(`${long}1`, [21]), ...of(`${long}2`, [23])]))
    expect(Math.max(...scores)).toBeLessThan(2)
    expect(one.snapshot().length).toBeLessThan(1000)
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
