import { describe, expect, test } from 'vitest'
import type { EventBlock } from '../../../src/core/columns/block.ts'
import { ForestTrainer } from '../../../src/detectors/isolation-forest/trainer.ts'
import { ModelStore } from '../../../src/learning/models/artifacts.ts'
import { LoadedModels } from '../../../src/learning/models/loaded-models.ts'
import {
  decodeModelSet,
  encodeModelSet,
  type ModelSet,
  verifyModelSet,
} from '../../../src/learning/models/model-set.ts'
import { httpBlock } from '../../support/blocks/http-block.ts'
import { tempDir } from '../../support/temp.ts'
import { Life, shopping, WARMUP } from '../support.ts'

const WEIGHTS = { rules: 1, isolation_forest: 1, transformer: 1 }

async function trained(): Promise<ModelSet> {
  const life = new Life(tempDir())
  await life.batch(shopping(WARMUP))
  await life.settle()
  return decodeModelSet(life.models.load(2))
}

/** What each detector of a version says of a block. */
async function opinions(set: ModelSet, block: EventBlock) {
  const models = await LoadedModels.open(set, { contamination: 0.01, weights: WEIGHTS })
  const scores: Record<string, number[]> = {}
  for (const { detector, calibrate } of models.voters)
    scores[detector.name] = [...calibrate(block, await detector.score(block))]
  await models.close()
  return scores
}

describe('a set of models', () => {
  test('scores the same after it was written and read', async () => {
    const models = await trained()
    const store = new ModelStore(tempDir())
    store.save(encodeModelSet(models), 5)
    const again = decodeModelSet(store.load(1))
    const block = httpBlock([...shopping(300, WARMUP), { target: '/nowhere/else?x=%00%00', client: '198.51.1.2' }])
    const before = await opinions(models, block)
    expect(Object.keys(before)).toEqual(['isolation_forest', 'transformer'])
    expect(before.transformer.some((score) => score > 0)).toBe(true)
    expect(await opinions(again, block)).toEqual(before)
    expect(again.trainedOn).toBe(WARMUP)
  })

  test('is refused where a file is missing, or the forest knows other features', async () => {
    const { files, card } = encodeModelSet(await trained())
    await verifyModelSet({ files, card })
    for (const name of ['isolation_forest.bin', 'templates.bin', 'transformer_model.onnx']) {
      const rest = new Map([...files].filter(([file]) => file !== name))
      await expect(verifyModelSet({ files: rest, card }), name).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    }
    const learning = new ForestTrainer({ seed: 1 })
    const block = httpBlock(shopping(500))
    learning.collect(block, new Uint8Array(block.count))
    const forest = { http: { ...learning.fit().http!, features: ['colour'] } }
    const other = encodeModelSet({ forest, templates: files.get('templates.bin')!, trainedOn: 500 })
    await expect(verifyModelSet(other)).rejects.toThrow('other features')
  })
})
