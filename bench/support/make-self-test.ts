import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '../../src/core/random.ts'
import { saveTransformer } from '../../src/detectors/transformer/artifacts.ts'
import { SequenceScorer } from '../../src/detectors/transformer/scoring/scorer.ts'
import type { Golden } from '../../src/detectors/transformer/self-test.ts'
import { trainTransformer } from '../../src/detectors/transformer/training/trainer.ts'

/** Rebuilds `models/self-test`: a small transformer trained on invented sessions, and its scores for some of them. */
const SEED = 7
const OPEN = 10
const CLOSE = 11
const STEPS = [20, 21, 22, 23]

const random = seeded(SEED)
/** Every session opens, goes round the steps in order, and closes. */
const session = (steps: number, from = Math.floor(random() * STEPS.length)) =>
  Int32Array.of(OPEN, ...Array.from({ length: steps }, (_, i) => STEPS[(from + i) % STEPS.length]), CLOSE)
const training = Array.from({ length: 600 }, () => session(2 + Math.floor(random() * 9)))

const { model } = await trainTransformer(training, 64, {
  seed: SEED,
  maxTokens: 1_000_000,
  maxEpochs: 200,
  displacement: 0,
  width: 16,
  layers: 1,
  heads: 2,
})
const sessions = [session(5, 0), session(90, 2), Int32Array.of(OPEN, 21, 20, 99, CLOSE), Int32Array.of(23)]
const scorer = await SequenceScorer.open(model)
const golden: Golden = {
  sessions: sessions.map((one) => [...one]),
  nll: (await scorer.scoreSessions(sessions)).map((scores) => [...scores]),
}

const directory = join('models', 'self-test')
mkdirSync(directory, { recursive: true })
const write = (file: string, value: unknown) => writeFileSync(join(directory, file), `${JSON.stringify(value)}\n`)
write('model_config.json', { transformer: saveTransformer(model, directory) })
write('golden.json', golden)
