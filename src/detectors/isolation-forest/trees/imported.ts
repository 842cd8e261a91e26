import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { openSession } from '../../../graph/session.ts'

/** Rows per run. */
const BATCH = 1024

/**
 * A user's isolation forest, given as ONNX. It has one float32 input [rows, columns] and one of two outputs: `score`, where
 * higher is more anomalous, as in our own export; or `scores`, where lower is more anomalous, as in scikit-learn's
 * decision function exported by skl2onnx. Scoring blocks the calling thread.
 */
export class ImportedForest {
  readonly #session: InferenceSession
  readonly #columns: number
  readonly #output: string
  readonly #sign: number

  private constructor(session: InferenceSession, columns: number, output: string) {
    this.#session = session
    this.#columns = columns
    this.#output = output
    this.#sign = output === 'scores' ? -1 : 1
  }

  /** @throws OddlineError MODEL_INVALID if it is not such a model or has another number of columns */
  static async open(model: Uint8Array, columns: number): Promise<ImportedForest> {
    let session: InferenceSession
    try {
      session = await openSession(model)
    } catch (error) {
      throw invalid(`ONNX Runtime cannot load it (${messageOf(error)})`)
    }
    const output = ['score', 'scores'].find((name) => session.outputNames.includes(name))
    if (output === undefined)
      throw invalid(`it has no output "score" or "scores", but ${session.outputNames.join(', ')}`)
    if (session.inputNames.length !== 1) throw invalid(`it has ${session.inputNames.length} inputs, expected one`)
    const forest = new ImportedForest(session, columns, output)
    try {
      await forest.score(new Float32Array(columns), 1)
    } catch (error) {
      throw invalid(`it does not score a row of ${columns} columns (${messageOf(error)})`)
    }
    return forest
  }

  /** Anomaly score of each row; higher is more anomalous. `data`: [rows, columns] flat. */
  async score(data: Float32Array, rows: number): Promise<Float32Array> {
    const out = new Float32Array(rows)
    for (let from = 0; from < rows; from += BATCH) {
      const count = Math.min(BATCH, rows - from)
      const batch = data.subarray(from * this.#columns, (from + count) * this.#columns)
      const input = new Tensor('float32', batch, [count, this.#columns])
      const ran = await this.#session.run({ [this.#session.inputNames[0]]: input }, [this.#output])
      const scores = ran[this.#output].data
      if (!(scores instanceof Float32Array) || scores.length !== count) {
        throw invalid(`its output "${this.#output}" is not one float32 per row`)
      }
      for (let i = 0; i < count; i++) out[from + i] = this.#sign * scores[i]
    }
    return out
  }
}

function invalid(why: string): OddlineError {
  return new OddlineError(
    'MODEL_INVALID',
    `The imported isolation forest cannot be used: ${why}. Export it again for the features named in model_config.json.`,
  )
}
