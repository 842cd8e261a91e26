import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { seeded } from '../src/core/random.ts'
import { IsolationForestDetector } from '../src/detectors/isolation-forest/detector.ts'
import { ForestTrainer } from '../src/detectors/isolation-forest/trainer.ts'
import { tailShare } from '../src/ensemble/calibrate.ts'
import { auc } from './support/auc.ts'
import { dataFile } from './support/data.ts'
import { httpBlock, parseCombined, type Request } from './support/http-block.ts'
import { report } from './support/report.ts'

/**
 * Attacks against normal traffic with the rules switched off. Trained on the first 4,000 lines of a real access log and
 * tested on the rest of it: once as it is, and once with an attack in place of the value of a parameter that the request
 * has, encoded as browsers do. An attack differs from its normal twin in nothing else: client, time, status and size
 * stay. No label is used in training, and thresholds come from the normal requests alone.
 */
const TRAIN_LINES = 4000

const lines = readFileSync(dataFile('web', 'apache_access_5000.log'), 'utf8').split('\n')
const requests = lines.map(parseCombined).filter((request) => request !== undefined)
const normal = requests.slice(TRAIN_LINES)
const trainer = new ForestTrainer({ seed: 1 })
const training = httpBlock(requests.slice(0, TRAIN_LINES))
trainer.collect(training, new Uint8Array(training.count))
const model = trainer.fit()
const settled = new IsolationForestDetector(model, trainer.sessions).snapshot()

const random = seeded(7)
const victims = normal.map((_, i) => i).filter((i) => normal[i].target?.includes('='))
const negatives = await scores(normal)
const positives = await attackScores(payloads())
const contaminated = shareAbove(negatives, -Math.log10(0.01))

const figures = {
  requests: normal.length,
  attacks: positives.length,
  forest_auc: round(auc(negatives, positives)),
  forest_recall_at_0_1_percent: round(recallAt(0.001)),
  forest_recall_at_1_percent: round(recallAt(0.01)),
  flagged_normal_at_contamination_1_percent: round(contaminated),
}
report('web', figures, {}, { forest_recall_at_1_percent: { min: 0.9 } })

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

/** The score of each payload, laid into the parameters of the test requests in turn. */
async function attackScores(attacks: readonly string[]): Promise<Float32Array> {
  const found: number[] = []
  for (let from = 0; from < attacks.length; from += victims.length) {
    const stream = [...normal]
    const laid = victims.slice(0, attacks.length - from)
    laid.forEach((victim, i) => {
      stream[victim] = inject(normal[victim], attacks[from + i])
    })
    const scored = await scores(stream)
    for (const victim of laid) found.push(scored[victim])
  }
  return Float32Array.from(found)
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

async function scores(stream: readonly Request[]): Promise<Float32Array> {
  const detector = new IsolationForestDetector(model)
  detector.restore(settled)
  const block = httpBlock(stream)
  const calibration = detector.calibration(block)!
  return Float32Array.from(await detector.score(block), (score) => -Math.log10(tailShare(calibration, score)))
}

/** Recall at the threshold that this share of the normal requests exceeds. */
function recallAt(share: number): number {
  const threshold = Float32Array.from(negatives).sort()[Math.ceil(negatives.length * (1 - share)) - 1]
  return positives.filter((score) => score > threshold).length / positives.length
}

function shareAbove(scored: Float32Array, threshold: number): number {
  return scored.filter((score) => score > threshold).length / scored.length
}

function round(figure: number): number {
  return Math.round(figure * 10_000) / 10_000
}
