import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { TrainingProgress } from '../../../../src/core/documents/training.ts'
import { seeded } from '../../../../src/core/random.ts'
import { SequenceScorer } from '../../../../src/detectors/transformer/scoring/scorer.ts'
import { trainTransformer } from '../../../../src/detectors/transformer/training/trainer.ts'
import { goodSession } from '../support.ts'

const random = seeded(5)
const sessions = Array.from({ length: 300 }, () => Int32Array.from(goodSession(1 + Math.floor(random() * 8))))
const small = { seed: 1, maxTokens: 30_000, width: 16, layers: 1, heads: 2, rows: 8 }

describe('training', () => {
  it('learns what follows what', async () => {
    const { model } = await trainTransformer(sessions, 100, { ...small, maxTokens: 150_000, displacement: 0 })
    const scorer = await SequenceScorer.open(model)
    const [good, bad] = await scorer.scoreSessions([
      Int32Array.of(10, 20, 21, 22, 23),
      Int32Array.of(10, 20, 21, 23, 22),
    ])
    expect(good[3]).toBeLessThan(1)
    expect(bad[3]).toBeGreaterThan(3)
    await scorer.close()
  })

  it('gives the same weights for the same seed, with one thread or two, and others for another', async () => {
    const weights = async (options: object) =>
      (await trainTransformer(sessions, 100, { ...small, ...options })).model.weights
    const first = await weights({})
    expect(await weights({})).toEqual(first)
    expect(await weights({ threads: 2 })).toEqual(first)
    expect(await weights({ seed: 2 })).not.toEqual(first)
  })

  it('sets sessions aside that it does not learn from, and reports its progress', async () => {
    const reports: TrainingProgress[] = []
    const result = await trainTransformer(sessions, 100, {
      ...small,
      heldOutShare: 0.2,
      validateEvery: 10,
      onProgress: (progress) => reports.push(progress),
    })
    expect(result.heldOut.length).toBe(60)
    expect(new Set(result.heldOut).size).toBe(60)
    expect(reports.at(-1)?.step).toBe(result.steps)
    expect(reports.map(({ heldOutLoss }) => heldOutLoss)).toContain(result.model.heldOutLoss)
    expect(reports.every(({ heldOutLoss }) => heldOutLoss >= result.model.heldOutLoss)).toBe(true)
  })

  it('learns the end only of sessions that came to it', async () => {
    const endless = sessions.map((session) => session.slice(0, -1))
    const options = { ...small, maxTokens: 60_000, complete: endless.map(() => false) }
    const { model } = await trainTransformer(endless, 100, options)
    const scorer = await SequenceScorer.open(model)
    const [scores] = await scorer.scoreSessions([endless[0]])
    expect(scores.at(-1)).toBeGreaterThan(3)
    await scorer.close()
  })

  it('stops early when the held-out loss no longer falls', async () => {
    // Nothing can be learnt from one template alone beyond its first minutes.
    const constant = Array.from({ length: 50 }, () => new Int32Array(20).fill(3))
    const options = { ...small, maxTokens: 1e9, maxEpochs: 1e6, validateEvery: 5, patience: 3, rate: 0.05 }
    const { stopped } = await trainTransformer(constant, 100, options)
    expect(stopped).toBe('early')
  })

  it('ends when it is told to', async () => {
    const controller = new AbortController()
    const training = trainTransformer(sessions, 100, {
      ...small,
      validateEvery: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(training).rejects.toThrow('enough')
  })

  it('tells at most as many templates apart as it may', async () => {
    const { model } = await trainTransformer(sessions, 3, small)
    expect(model.vocabulary.templates.length).toBe(3)
  })

  it('refuses what it cannot learn from', async () => {
    await expect(trainTransformer([], 100, small)).rejects.toThrow('no sessions')
    await expect(trainTransformer(sessions, 100, { ...small, overlap: 5 })).rejects.toThrow('overlap')
    await expect(trainTransformer(sessions, 100, { ...small, heads: 3 })).rejects.toThrow('multiple')
  })
})

const built = join('dist', 'src', 'detectors', 'transformer', 'training', 'training-client.js')

describe.skipIf(!existsSync(built))('training in a thread (needs `npm run build`)', () => {
  type Module = typeof import('../../../../src/detectors/transformer/training/training-client.ts')
  const load = async () => (await import(pathToFileURL(built).href)) as Module

  it('gives the weights that training here gives, and reports on the way', async () => {
    const { trainInWorker } = await load()
    const reports: TrainingProgress[] = []
    const there = await trainInWorker(sessions, 100, { ...small, onProgress: (progress) => reports.push(progress) })
    const here = await trainTransformer(sessions, 100, small)
    expect(there.model.weights).toEqual(here.model.weights)
    expect(there.model.vocabulary.token(21)).toBe(here.model.vocabulary.token(21))
    expect(reports.length).toBeGreaterThan(0)
  })

  it('passes on what went wrong, and ends when told to', async () => {
    const { trainInWorker } = await load()
    await expect(trainInWorker([], 100, small)).rejects.toThrow('no sessions')
    const controller = new AbortController()
    const training = trainInWorker(sessions, 100, {
      ...small,
      maxTokens: 1e9,
      maxEpochs: 1e6,
      validateEvery: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(training).rejects.toThrow('enough')
  })
})
