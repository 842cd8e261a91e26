import { expect, test } from 'vitest'
import { seeded } from '../../../../src/core/random.ts'
import { IsolationForestDetector } from '../../../../src/detectors/isolation-forest/detector.ts'
import { decodeForestModel, encodeForestModel } from '../../../../src/detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../../../../src/detectors/isolation-forest/trainer.ts'
import { exportForest } from '../../../../src/detectors/isolation-forest/trees/export.ts'
import { httpBlock, type Request } from '../../../support/blocks/http-block.ts'

const random = seeded(11)
const requests: Request[] = Array.from({ length: 1500 }, (_, i) => ({
  client: `198.51.100.${Math.floor(random() * 90)}`,
  target: random() < 0.5 ? '/' : `/item?id=${Math.floor(random() * 900)}`,
  time: Date.UTC(2026, 0, 5) + i * 900,
}))

function trainer(): ForestTrainer {
  const learning = new ForestTrainer({ seed: 1 })
  learning.collect(httpBlock(requests), new Uint8Array(requests.length))
  return learning
}

test('scores with an imported forest, calibrated here, saved with the model and explained', async () => {
  const own = trainer().fit()
  const model = await trainer().fitAround({ http: exportForest(own.http!.forest) })
  const detector = new IsolationForestDetector(decodeForestModel(encodeForestModel(model)))
  const block = httpBlock([...requests.slice(0, 200), { target: '/item?id=1%27%20or%201=1--' }])
  const scores = await detector.score(block)
  const expected = await new IsolationForestDetector(own).score(block)
  scores.forEach((score, i) => {
    expect(score).toBeCloseTo(expected[i], 2)
  })
  const evidence = await detector.explain(block, 200, 0.9)
  expect(evidence.summary).toContain('the parameter "id"')
})

test('an imported forest over other columns is refused before anything is learnt from it', async () => {
  const model = trainer().fit().http!
  const narrow = exportForest({ ...model.forest, columns: 3 })
  await expect(trainer().fitAround({ http: narrow })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
})
