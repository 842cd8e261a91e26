import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SequenceScorer } from '../../../../src/detectors/transformer/scoring/scorer.ts'
import { emptyBatch, fillBatch, piecesOf } from '../../../../src/detectors/transformer/sessions/packing.ts'
import { Stepper } from '../../../../src/detectors/transformer/training/stepper.ts'
import { EOS } from '../../../../src/detectors/transformer/vocabulary.ts'
import { goodSession, smallModel } from '../support.ts'

const model = smallModel()
const session = (steps: number) => Int32Array.from(goodSession(steps))

describe('the scorer', () => {
  let scorer: SequenceScorer
  beforeAll(async () => {
    scorer = await SequenceScorer.open(model)
  })
  afterAll(() => scorer.close())

  it('finds the steps of a normal session likely, and one out of order not', async () => {
    const odd = session(10)
    odd[6] = 20
    const [normal, strange] = await scorer.scoreSessions([session(10), odd])
    expect(Math.max(...normal.slice(2, 8))).toBeLessThan(1.5)
    expect(strange[6]).toBeGreaterThan(4)
    expect(strange.slice(0, 6)).toEqual(normal.slice(0, 6))
  })

  it('scores the end of a session, and finds it unlikely before the session has closed', async () => {
    const [whole, torn] = await scorer.scoreSessions([session(6), session(6).slice(0, -1)])
    expect(whole.at(-1)).toBeLessThan(1.5)
    expect(torn.at(-1)).toBeGreaterThan(whole.at(-1)! + 1)
  })

  it('takes a template that training never saw for the least likely', async () => {
    const unknown = session(6)
    unknown[4] = 9999
    const [scores] = await scorer.scoreSessions([unknown])
    expect(scores.indexOf(Math.max(...scores))).toBe(4)
  })

  it('gives a session the same scores alone, in company, and behind a long one', async () => {
    const sessions = Array.from({ length: 200 }, (_, i) => session(i % 90))
    const together = await scorer.scoreSessions(sessions)
    for (const i of [0, 5, 63, 64, 65, 89, 150]) {
      const [alone] = await scorer.scoreSessions([sessions[i]])
      expect(together[i]).toEqual(alone)
      expect(alone.length).toBe(sessions[i].length + 1)
    }
  })

  it('gives every session its scores to the last bit, remembered or not', async () => {
    const forgetful = await SequenceScorer.open(model, { cache: 0 })
    const tight = await SequenceScorer.open(model, { cache: 3 })
    const sessions = Array.from({ length: 120 }, (_, i) => session((i * 7) % 80))
    const expected = await scorer.scoreSessions(sessions)
    expect(await scorer.scoreSessions(sessions)).toEqual(expected)
    expect(await forgetful.scoreSessions(sessions)).toEqual(expected)
    expect(await tight.scoreSessions(sessions.toReversed())).toEqual(expected.toReversed())
    await forgetful.close()
    await tight.close()
  })

  it('computes what the trained network computes', async () => {
    const { dimensions, overlap, vocabulary, weights } = model
    const sessions = [session(5), session(100), Int32Array.of(23, 10, 99)]
    const pieces = sessions.flatMap((one) => piecesOf(vocabulary.session(one, true), dimensions.context, overlap))
    const batch = emptyBatch(8, dimensions.context)
    expect(fillBatch(batch, dimensions.context, pieces, 0)).toBe(pieces.length)
    const trained = await Stepper.open(dimensions, 8, 1, weights.slice())
    const expected = await trained.validate([batch], weights)
    await trained.close()
    const nats = (await scorer.scoreSessions(sessions)).flatMap((scores) => [...scores])
    expect(nats.reduce((a, b) => a + b, 0) / nats.length).toBeCloseTo(expected, 3)
  })

  it('carries the context over the windows of a session longer than one', async () => {
    const [scores] = await scorer.scoreSessions([session(300)])
    // No session of the training was as long, but the round of steps is in sight everywhere.
    for (const score of scores.slice(64, -2)) expect(score).toBeLessThan(3)
  })

  it('names the likeliest next templates, with the probabilities that the scores are made of', async () => {
    const { vocabulary } = model
    const tokens = Int32Array.of(1, ...[10, 20, 21].map((template) => vocabulary.token(template)))
    const [[first, second]] = await scorer.topK([tokens], 2)
    expect(vocabulary.template(first.token)).toBe(22)
    expect(first.probability).toBeGreaterThan(second.probability)
    const [scores] = await scorer.scoreSessions([Int32Array.of(10, 20, 21, 22)])
    expect(-Math.log(first.probability)).toBeCloseTo(scores[3], 2)
    const [all] = await scorer.topK([tokens], model.dimensions.vocabulary)
    const [end] = await scorer.scoreSessions([Int32Array.of(10, 20, 21)])
    const rest = 1 - Math.exp(-end.at(-1)!)
    expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(rest, 4)
    expect(all.some(({ token }) => token === EOS)).toBe(false)
  })

  it('scores nothing where there is nothing', async () => {
    expect(await scorer.scoreSessions([])).toEqual([])
    const [empty] = await scorer.scoreSessions([new Int32Array(0)])
    expect(empty.length).toBe(1)
  })
})

describe('the quantised scorer', () => {
  it('moves the scores a little and keeps the order of what is odd', async () => {
    const exact = await SequenceScorer.open(model)
    const quick = await SequenceScorer.open(model, { int8: true })
    const odd = session(10)
    odd[6] = 20
    const [expected] = await exact.scoreSessions([odd])
    const [actual] = await quick.scoreSessions([odd])
    const shifts = actual.map((score, i) => Math.abs(score - expected[i]))
    expect(shifts.reduce((a, b) => a + b, 0) / shifts.length).toBeLessThan(0.25)
    expect(actual.indexOf(Math.max(...actual))).toBe(expected.indexOf(Math.max(...expected)))
    await exact.close()
    await quick.close()
  })
})

describe('opening', () => {
  it('says what to do when the network cannot be loaded', async () => {
    await expect(SequenceScorer.openNetwork(model, new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('roll back'),
    })
  })
})
