import { beforeAll, describe, expect, test } from 'vitest'
import type { ForestPart } from '../../src/detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../../src/detectors/isolation-forest/trainer.ts'
import { mergeModels } from '../../src/learning/models/merge-models.ts'
import type { ModelContent } from '../../src/learning/models/model-set.ts'
import { type CycleResult, LearningCycle } from '../../src/learning/training/cycle.ts'
import { finishCycle } from '../../src/learning/training/finish-cycle.ts'
import { httpBlock } from '../support/blocks/http-block.ts'
import { shopping } from './support.ts'

let before: ForestPart
let after: ForestPart

beforeAll(() => {
  const forestFrom = (from: number) => {
    const trainer = new ForestTrainer({ seed: 1 })
    const block = httpBlock(shopping(400, from))
    trainer.collect(block, new Uint8Array(block.count))
    return trainer.fit().http!
  }
  ;[before, after] = [forestFrom(0), forestFrom(400)]
})

const result = (forest: CycleResult['forest'], learntFrom: CycleResult['learntFrom']): CycleResult => {
  const sessions = { sequences: [], complete: [] }
  return { forest, templates: new Uint8Array(0), sessions, eventsPerDay: undefined, learntFrom }
}
const models = (forest: ModelContent['forest'], learntFrom?: ModelContent['learntFrom']): ModelContent => {
  return { forest, templates: new Uint8Array(0), trainedOn: 9, ...(learntFrom && { learntFrom }) }
}

describe('merging a training into the models in use', () => {
  test('replaces the forest of each kind with enough new data', () => {
    const merged = mergeModels(models({ http: before }, { access: 400 }), result({ http: after }, { access: 500 }), 500)
    expect(merged.forest.http).toBe(after)
    expect(merged).toMatchObject({ learntFrom: { access: 500 }, trainedOn: 500 })
    expect(merged.transformer).toBeUndefined()
  })

  test('keeps the forest of a kind with too little new data, and what it was learnt from', () => {
    const inUse = models({ http: before, security: before }, { access: 400, syslog: 300 })
    const merged = mergeModels(inUse, result({ http: after }, { access: 500, syslog: 3 }), 503)
    expect([merged.forest.http, merged.forest.security]).toEqual([after, before])
    expect(merged.learntFrom).toEqual({ access: 500, syslog: 300 })
  })

  test('does not know what a kept forest was learnt from if its version did not store it', () => {
    const merged = mergeModels(models({ security: before }), result({ http: after }, { access: 500 }), 500)
    expect(merged.learntFrom).toBeUndefined()
  })
})

describe('a finished cycle', () => {
  const cycleOf = (events: number, flagged = 0) => {
    const cycle = new LearningCycle(1)
    const block = httpBlock(shopping(events))
    cycle.collect(block, new Uint8Array(block.count).fill(flagged))
    return cycle
  }

  test('trains the transformer if it is switched on and there are enough sessions', async () => {
    expect((await finishCycle(cycleOf(600), undefined, 600, true)).outcome).toBe('train-transformer')
    expect((await finishCycle(cycleOf(600), undefined, 600, false)).outcome).toBe('forest-only')
  })

  test('has too little data if everything was flagged, and would lose the models in use', async () => {
    const inUse = models({ http: before })
    const { outcome, content } = await finishCycle(cycleOf(600, 1), inUse, 600, false)
    expect([outcome, content.forest]).toEqual(['too-little-data', inUse.forest])
  })
})
