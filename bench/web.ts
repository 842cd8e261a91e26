import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { HttpBlock } from '../src/core/columns/block.ts'
import { seeded } from '../src/core/random.ts'
import { trainInWorker } from '../src/detectors/transformer/training/training-client.ts'
import { type Ballot, vote } from '../src/ensemble/vote.ts'
import { LoadedModels } from '../src/learning/models/loaded-models.ts'
import { LearningCycle } from '../src/learning/training/cycle.ts'
import { trainCalibrated } from '../src/learning/training/transformer-training.ts'
import { Templater } from '../src/templates/templater.ts'
import { httpBlock, parseCombined, type Request } from '../test/support/blocks/http-block.ts'
import { auc } from './support/auc.ts'
import { dataFile } from './support/data.ts'
import { report } from './support/report.ts'

/**
 * Attacks against normal traffic with the rules switched off. Trained on the first 4,000 lines of a real access log and
 * tested on the rest of it: once as it is, and once with an attack in place of the value of a parameter that the request
 * has, encoded as browsers do. An attack differs from its normal twin in nothing else: client, time, status and size
 * stay. No label is used in training, and thresholds come from the normal requests alone. The transformer sees a request
 * as its method, the shape of its path and the class of its status, so a payload in a parameter is not its business: its
 * share of the ensemble is shown for what it costs; the ensemble must not lose what the forest finds.
 */
const TRAIN_LINES = 4000

const lines = readFileSync(dataFile('web', 'apache_access_5000.log'), 'utf8').split('\n')
const requests = lines.map(parseCombined).filter((request) => request !== undefined)
const normal = requests.slice(TRAIN_LINES)
const CONTAMINATION = 0.01
/** Where a score becomes a finding, by default. */
const MIN_SCORE = 0.5
const WEIGHTS = { rules: 0, isolation_forest: 0.6, transformer: 0.7 }

const models = await learn(httpBlock(requests.slice(0, TRAIN_LINES)))
const settled = new Map((await models.checkpoints()).map(({ name, value }) => [name, value]))

const random = seeded(7)
const victims = normal.map((_, i) => i).filter((i) => normal[i].target?.includes('='))
const negatives = await scores(normal)
const positives = await attackScores(payloads())
await models.close()

const figures: Record<string, number> = { requests: normal.length, attacks: positives.forest.length }
for (const name of ['forest', 'transformer', 'ensemble'] as const) {
  figures[`${name}_auc`] = round(auc(negatives[name], positives[name]))
  figures[`${name}_recall_at_0_1_percent`] = round(recallAt(name, 0.001))
  figures[`${name}_recall_at_1_percent`] = round(recallAt(name, 0.01))
  figures[`${name}_recall_at_min_score`] = round(shareFrom(positives[name], MIN_SCORE))
  figures[`${name}_flagged_normal`] = round(shareFrom(negatives[name], MIN_SCORE))
}
report('web', figures, {}, { forest_recall_at_1_percent: { min: 0.9 }, ensemble_recall_at_min_score: { min: 0.9 } })

interface Scores {
  readonly forest: Float32Array
  readonly transformer: Float32Array
  readonly ensemble: Float32Array
}

/** Both models, learnt and calibrated as the program does it, without rules. */
async function learn(training: HttpBlock): Promise<LoadedModels> {
  const cycle = new LearningCycle(1)
  cycle.collect(training, new Uint8Array(training.count))
  const { forest, templates, sessions } = await cycle.finish()
  const templater = Templater.restore(templates)
  const transformer = await trainCalibrated(sessions, (id) => templater.kindOf(id), {
    train: trainInWorker,
    seed: 1,
    maxTokens: 3_000_000,
    signal: new AbortController().signal,
    onProgress: ({ step, steps, heldOutLoss }) =>
      process.stderr.write(`Step ${step} of ${steps}: held-out loss ${heldOutLoss.toFixed(3)}\n`),
  })
  const models = { version: 1, forest, templates, trainedOn: training.count, transformer }
  return await LoadedModels.open(models, { contamination: CONTAMINATION, weights: WEIGHTS }, cycle)
}

function payloads(): string[] {
  const rows = parse(readFileSync(dataFile('web', 'payload_train.csv'), 'utf8'), {
    columns: true,
    relax_quotes: true,
  }) as { payload: string; label: string }[]
  const anomalous = rows.filter(({ label }) => label === 'anom').map(({ payload }) => payload)
  const waf = readFileSync(dataFile('web', 'gotestwaf.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { set: string; payload: string })
    .filter(({ set }) => !set.startsWith('false'))
    .map(({ payload }) => payload)
  return [...anomalous, ...waf]
}

/** The scores of each payload, laid into the parameters of the test requests in turn. */
async function attackScores(attacks: readonly string[]): Promise<Scores> {
  const found = { forest: [] as number[], transformer: [] as number[], ensemble: [] as number[] }
  for (let from = 0; from < attacks.length; from += victims.length) {
    const stream = [...normal]
    const laid = victims.slice(0, attacks.length - from)
    laid.forEach((victim, i) => {
      stream[victim] = inject(normal[victim], attacks[from + i])
    })
    const scored = await scores(stream)
    for (const name of ['forest', 'transformer', 'ensemble'] as const)
      for (const victim of laid) found[name].push(scored[name][victim])
  }
  return {
    forest: Float32Array.from(found.forest),
    transformer: Float32Array.from(found.transformer),
    ensemble: Float32Array.from(found.ensemble),
  }
}

/** The request with the payload in place of one of its parameter values. */
function inject(request: Request, payload: string): Request {
  const [path, query] = (request.target ?? '').split('?', 2)
  const pairs = query.split('&')
  const at = Math.floor(random() * pairs.length)
  pairs[at] = `${pairs[at].split('=', 1)[0]}=${encode(payload)}`
  return { ...request, target: `${path}?${pairs.join('&')}` }
}

/** As a browser's form does it, with what is no valid text left out and within what servers accept. */
function encode(payload: string): string {
  return encodeURIComponent(payload.replace(/[\ud800-\udfff]/g, '').slice(0, 4000)).replaceAll('%20', '+')
}

/** The calibrated scores of a stream, 0 to 1, and what the ensemble makes of them. */
async function scores(stream: readonly Request[]): Promise<Scores> {
  await models.restore(
    (name) => settled.get(name),
    (error) => {
      throw error
    },
  )
  const block = httpBlock(stream)
  const ballots: Ballot[] = []
  for (const { detector, weight, calibrate } of models.voters) {
    ballots.push({ detector: detector.name, weight, scores: calibrate(block, await detector.score(block)) })
  }
  const [forest, transformer = new Float32Array(block.count)] = ballots.map((ballot) => ballot.scores)
  const ensemble = new Float32Array(block.count)
  for (const { index, score } of vote(block, ballots, 0)) ensemble[index] = score
  return { forest, transformer, ensemble }
}

/** Recall at the threshold that this share of the normal requests exceeds. */
function recallAt(name: keyof Scores, share: number): number {
  const threshold = Float32Array.from(negatives[name]).sort()[Math.ceil(negatives[name].length * (1 - share)) - 1]
  return positives[name].filter((score) => score > threshold).length / positives[name].length
}

function shareFrom(scored: Float32Array, threshold: number): number {
  return scored.filter((score) => score >= threshold).length / scored.length
}

function round(figure: number): number {
  return Math.round(figure * 10_000) / 10_000
}
