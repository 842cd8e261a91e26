import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { openSession } from '../../../graph/session.ts'
import type { Dimensions } from '../parameters.ts'
import type { PackedBatch } from '../sessions/packing.ts'
import { MOMENTS, trainingGraph, validationGraph } from './training-graph.ts'

/** Weights and the two moments of AdamW, as flat arrays. */
type State = readonly [weights: Float32Array, mean: Float32Array, variance: Float32Array]
const STATE = ['weights', 'mean', 'variance'] as const

/**
 * Runs training steps in ONNX Runtime. Weights and moments live in two sets of buffers, which alternate as input and output,
 * because a buffer must never be both in one run.
 */
export class Stepper {
  readonly #training: InferenceSession
  readonly #validation: InferenceSession
  readonly #shape: readonly number[]
  #now: State
  #next: State

  private constructor(
    training: InferenceSession,
    validation: InferenceSession,
    shape: readonly number[],
    weights: Float32Array,
  ) {
    const fresh = () => new Float32Array(weights.length)
    this.#training = training
    this.#validation = validation
    this.#shape = shape
    this.#now = [weights, fresh(), fresh()]
    this.#next = [fresh(), fresh(), fresh()]
  }

  static async open(dimensions: Dimensions, rows: number, threads: number, weights: Float32Array): Promise<Stepper> {
    const training = await openSession(trainingGraph(dimensions, rows), { threads })
    const validation = await openSession(validationGraph(dimensions, rows), { threads })
    return new Stepper(training, validation, [rows, dimensions.context], weights)
  }

  /** The weights after the last step. Later steps overwrite the array, so copy it to keep it. */
  get weights(): Float32Array {
    return this.#now[0]
  }

  /** Runs step number `step` (from 1) and returns the loss before it, nats per predicted token. */
  async step(batch: PackedBatch, rate: number, step: number): Promise<number> {
    const [beta1, beta2] = MOMENTS
    const loss = new Float32Array(1)
    const feeds: Record<string, Tensor> = {
      ...this.#batch(batch, countOf(batch)),
      rate: scalar(rate),
      mean_scale: scalar(1 / (1 - beta1 ** step)),
      variance_scale: scalar(1 / (1 - beta2 ** step)),
    }
    const fetches: Record<string, Tensor> = { loss: new Tensor('float32', loss, []) }
    STATE.forEach((name, i) => {
      feeds[name] = flat(this.#now[i])
      fetches[`next_${name}`] = flat(this.#next[i])
    })
    await this.#training.run(feeds, fetches)
    ;[this.#now, this.#next] = [this.#next, this.#now]
    return loss[0]
  }

  /** Mean loss of the batches under given weights, nats per predicted token. */
  async validate(batches: readonly PackedBatch[], weights: Float32Array): Promise<number> {
    const total = batches.reduce((sum, batch) => sum + countOf(batch), 0)
    let loss = 0
    for (const batch of batches) {
      const { loss: part } = await this.#validation.run({ ...this.#batch(batch, total), weights: flat(weights) })
      loss += (part.data as Float32Array)[0]
    }
    return loss
  }

  async close(): Promise<void> {
    await this.#training.release()
    await this.#validation.release()
  }

  #batch({ tokens, positions, segments, targets, counted }: PackedBatch, total: number): Record<string, Tensor> {
    return {
      tokens: new Tensor('int32', tokens, this.#shape),
      positions: new Tensor('int32', positions, this.#shape),
      segments: new Tensor('int32', segments, this.#shape),
      targets: new Tensor('int32', targets, [targets.length]),
      importance: flat(counted.map((one) => one / total)),
    }
  }
}

function flat(data: Float32Array): Tensor {
  return new Tensor('float32', data, [data.length])
}

function scalar(value: number): Tensor {
  return new Tensor('float32', Float32Array.of(value), [])
}

function countOf({ counted }: PackedBatch): number {
  let count = 0
  for (const one of counted) count += one
  return Math.max(1, count)
}
