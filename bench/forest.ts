import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitForest } from '../src/detectors/isolation-forest/trees/fit.ts'
import { ImportedForest } from '../src/detectors/isolation-forest/trees/imported.ts'
import { pathLengths, scoreForest } from '../src/detectors/isolation-forest/trees/score.ts'
import { fromSklearn, type SklearnTree } from '../test/support/reference/sklearn-forest.ts'
import { type DataSet, dataSets, gaussians } from './forest/data-sets.ts'
import { asObjects, fitNpmForest } from './forest/npm-forest.ts'
import { auc } from './support/auc.ts'
import { pythonWith } from './support/python.ts'
import { report } from './support/report.ts'

/**
 * Our isolation forest against scikit-learn's and the npm package `isolation-forest`, 100 trees of 256 rows each, in the
 * same run: AUC on several data sets (the mean of several forests, since one varies by more than the difference asked
 * about), path lengths of one and the same forest, and the speed of fitting and scoring on one thread. Labels are used for
 * the AUC alone.
 */
const SEEDS = 20
const ROUNDS = 7
/** The npm package takes minutes for what the others do in seconds, so fewer of its forests are measured. */
const NPM_FORESTS = 3
const SPEED_ROWS = 50_000
const SPEED_COLUMNS = 16

interface SklearnAnswer {
  readonly auc: Record<string, number>
  readonly fitSeconds: number
  readonly scoreSeconds: number
  readonly forest: {
    readonly sample: number
    readonly trees: readonly SklearnTree[]
    readonly lengths: readonly number[]
  }
}

const sets = dataSets()
const speedData = gaussians(SPEED_ROWS * SPEED_COLUMNS, 99)
const figures: Record<string, number> = {}
const peers: Record<string, number> = {}
for (const set of sets) {
  figures[`auc_${set.name}`] = round(meanAuc(set, SEEDS, (seed) => ourScores(set, seed)))
  peers[`npm_auc_${set.name}`] = round(meanAuc(set, NPM_FORESTS, () => npmScores(set)))
}

const forest = fitForest(speedData, SPEED_ROWS, SPEED_COLUMNS, { seed: 1 })
const fitSeconds = fastest(() => fitForest(speedData, SPEED_ROWS, SPEED_COLUMNS, { seed: 1 }))
const scoreSeconds = fastest(() => scoreForest(forest, speedData, SPEED_ROWS))
figures.fit_ms = round(fitSeconds * 1000)
figures.rows_per_second = Math.round(SPEED_ROWS / scoreSeconds)
compareNpm()

const python = pythonWith(['scikit-learn', 'skl2onnx'])
if (python !== undefined) await compare(python)
report('forest', figures, peers, {
  auc_difference_max: { max: 0.01 },
  path_length_error_max: { max: 1e-4 },
  imported_score_error_max: { max: 1e-4 },
  times_sklearn_score: { min: 3 },
})

function compareNpm(): void {
  const rows = asObjects(speedData, SPEED_COLUMNS)
  const started = performance.now()
  const npm = fitNpmForest(rows)
  const fitted = performance.now()
  npm.predict(rows)
  const scored = performance.now()
  peers.npm_fit_ms = round(fitted - started)
  peers.npm_rows_per_second = Math.round((SPEED_ROWS / (scored - fitted)) * 1000)
  figures.times_npm_fit = round((fitted - started) / 1000 / fitSeconds)
  figures.times_npm_score = round((scored - fitted) / 1000 / scoreSeconds)
}

async function compare(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'oddline-forest-'))
  try {
    for (const { name, data, labels } of sets) {
      writeFileSync(join(folder, `${name}.f32`), data)
      writeFileSync(join(folder, `${name}.u8`), labels)
    }
    writeFileSync(join(folder, 'speed.f32'), speedData)
    const spec = {
      sets: sets.map(({ name, columns }) => ({ name, columns })),
      seeds: SEEDS,
      rounds: ROUNDS,
      columns: SPEED_COLUMNS,
    }
    const script = readFileSync(join('test', 'support', 'reference', 'sklearn_forest.py'), 'utf8')
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
    const ran = spawnSync(python, ['-c', script, folder], {
      input: JSON.stringify(spec),
      encoding: 'utf8',
      env,
      maxBuffer: 1e9,
    })
    if (ran.status !== 0) throw new Error(`scikit-learn failed: ${ran.stderr}`)
    await take(
      JSON.parse(ran.stdout) as SklearnAnswer,
      readFileSync(join(folder, 'sklearn.onnx')),
      join(folder, 'decision.f32'),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function take(answer: SklearnAnswer, onnx: Uint8Array, decisionFile: string): Promise<void> {
  const differences = sets.map(({ name }) => Math.abs(figures[`auc_${name}`] - answer.auc[name]))
  for (const { name } of sets) peers[`sklearn_auc_${name}`] = round(answer.auc[name])
  figures.auc_difference_max = round(Math.max(...differences))

  const copied = fromSklearn(answer.forest.trees, answer.forest.sample, SPEED_COLUMNS)
  const lengths = pathLengths(copied, speedData, answer.forest.lengths.length)
  figures.path_length_error_max = maxError(lengths, answer.forest.lengths)

  // The model that skl2onnx makes of a forest, as a user would bring it.
  const rows = 2000
  const bytes = readFileSync(decisionFile)
  const decision = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  const imported = await ImportedForest.open(onnx, SPEED_COLUMNS)
  figures.imported_score_error_max = maxError(
    await imported.score(speedData, rows),
    decision.subarray(0, rows).map((x) => -x),
  )

  peers.sklearn_fit_ms = round(answer.fitSeconds * 1000)
  peers.sklearn_rows_per_second = Math.round(SPEED_ROWS / answer.scoreSeconds)
  figures.times_sklearn_fit = round(answer.fitSeconds / fitSeconds)
  figures.times_sklearn_score = round(answer.scoreSeconds / scoreSeconds)
}

function meanAuc({ labels }: DataSet, forests: number, scoresOf: (seed: number) => Float32Array): number {
  let sum = 0
  for (let seed = 0; seed < forests; seed++) {
    const scores = scoresOf(seed)
    sum += auc(
      scores.filter((_, i) => labels[i] === 0),
      scores.filter((_, i) => labels[i] === 1),
    )
  }
  return sum / forests
}

function ourScores({ data, rows, columns }: DataSet, seed: number): Float32Array {
  return scoreForest(fitForest(data, rows, columns, { seed }), data, rows)
}

function npmScores({ data, columns }: DataSet): Float32Array {
  const rows = asObjects(data, columns)
  return Float32Array.from(fitNpmForest(rows).predict(rows))
}

function fastest(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    work()
    best = Math.min(best, Number(process.hrtime.bigint() - started) / 1e9)
  }
  return best
}

function maxError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]))
  return most
}

function round(figure: number): number {
  return Math.round(figure * 10_000) / 10_000
}
