import { type Random, seeded } from '../../../core/random.ts'
import type { TransformerModel } from '../model.ts'
import { initialise, parametersOf } from '../parameters.ts'
import { emptyBatch, fillBatch, type PackedBatch, type Piece, piecesOf } from '../sessions/packing.ts'
import { Vocabulary } from '../vocabulary.ts'
import { displaced, forget } from './augment.ts'
import { Stepper } from './stepper.ts'
import { cosine, type TrainingOptions, withDefaults } from './training-options.ts'

/** Length of the running average of the weights, steps. */
const AVERAGED_STEPS = 200

export interface TrainingResult {
  readonly model: TransformerModel
  /** Indices of the held-out sequences, for calibration. */
  readonly heldOut: readonly number[]
  readonly steps: number
  readonly tokens: number
  readonly elapsedMs: number
  /** Why the training ended: all planned steps were done, or the held-out loss stopped improving. */
  readonly stopped: 'finished' | 'early'
}

/**
 * Trains a transformer. The same sequences, options and seed give the same weights: it ends by steps and loss, never
 * by the clock.
 * Each step blocks the calling thread, so call it from a worker.
 * @param sequences template ids of each session in order, without special tokens
 * @param vocabularySize templates with a token of their own, at most
 * @throws the reason of `options.signal` if it aborts; RangeError if there are no sessions
 */
export async function trainTransformer(
  sequences: readonly Int32Array[],
  vocabularySize: number,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const settings = withDefaults(options)
  const random = seeded(settings.seed)
  const { kept, heldOut } = holdOut(sequences, settings.heldOutShare, random)
  if (kept.length === 0) throw new RangeError('There are no sessions to learn from.')

  const vocabulary = Vocabulary.of(
    kept.map((i) => sequences[i]),
    vocabularySize,
    settings.minimumCount,
  )
  const dimensions = { ...settings.dimensions, vocabulary: vocabulary.size }
  const { context } = dimensions
  const { overlap, rows } = settings
  const pieces = (indices: readonly number[]) =>
    indices.flatMap((i) => piecesOf(vocabulary.session(sequences[i], options.complete?.[i] ?? true), context, overlap))
  const training = pieces(kept)
  const validation = batchesOf(limited(pieces(heldOut), settings.maxValidationTokens), rows, context)

  const parameters = parametersOf(dimensions)
  const stepper = await Stepper.open(dimensions, rows, settings.threads, initialise(parameters, random))
  try {
    const batch = emptyBatch(rows, context)
    const started = performance.now()
    const elapsed = () => performance.now() - started
    const shuffled = (pieces: readonly Piece[]) => {
      const order = pieces.map(({ tokens, from }) => ({
        tokens: displaced(tokens, settings.displacement, random),
        from,
      }))
      shuffle(order, random)
      return order
    }
    const planned = Math.max(1, Math.ceil(plannedTokens(training, settings) / (rows * context)))
    const average = stepper.weights.slice()
    let best = { loss: Number.POSITIVE_INFINITY, weights: average.slice() }
    let stopped: TrainingResult['stopped'] = 'finished'
    let [steps, tokens, next, stale, sinceReport, reported] = [0, 0, 0, 0, 0, 0]
    let epoch = shuffled(training)

    while (steps < planned) {
      settings.signal?.throwIfAborted()
      if (next >= epoch.length) {
        epoch = shuffled(training)
        next = 0
      }
      next += fillBatch(batch, context, epoch, next)
      tokens += countOf(batch)
      forget(batch.tokens, settings.forgetting, random)
      steps++
      sinceReport += await stepper.step(batch, cosine(steps, planned, settings), steps)
      follow(average, stepper.weights, steps)

      const last = steps === planned
      if (steps % settings.validateEvery !== 0 && !last) continue
      const loss =
        validation.length > 0 ? await stepper.validate(validation, average) : sinceReport / (steps - reported)
      settings.onProgress?.({
        step: steps,
        steps: planned,
        loss: sinceReport / (steps - reported),
        heldOutLoss: loss,
        elapsedMs: elapsed(),
      })
      ;[sinceReport, reported] = [0, steps]
      stale = loss < best.loss ? 0 : stale + 1
      if (loss < best.loss) best = { loss, weights: average.slice() }
      if (stale < settings.patience) continue
      stopped = 'early'
      break
    }
    const model = { dimensions, overlap, vocabulary, weights: best.weights, heldOutLoss: best.loss }
    return { model, heldOut, steps, tokens, elapsedMs: elapsed(), stopped }
  } finally {
    await stepper.close()
  }
}

/**
 * Updates the running average of the weights, which becomes the model (Polyak & Juditsky 1992). Single steps leave noise in
 * the small probabilities, which matter most here.
 */
function follow(average: Float32Array, weights: Float32Array, step: number): void {
  const share = Math.max(1 / step, 1 / AVERAGED_STEPS)
  for (let i = 0; i < average.length; i++) average[i] += (weights[i] - average[i]) * share
}

function holdOut(sequences: readonly Int32Array[], share: number, random: Random) {
  const order = sequences.map((_, i) => i).filter((i) => sequences[i].length > 0)
  shuffle(order, random)
  const count = Math.floor(order.length * share)
  return { heldOut: order.slice(0, count).sort((a, b) => a - b), kept: order.slice(count).sort((a, b) => a - b) }
}

/** Fisher-Yates shuffle. */
function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[items[i], items[j]] = [items[j], items[i]]
  }
}

function plannedTokens(pieces: readonly Piece[], settings: { maxTokens: number; maxEpochs: number }): number {
  const epoch = pieces.reduce((sum, { tokens }) => sum + tokens.length - 1, 0)
  return Math.min(settings.maxTokens, epoch * settings.maxEpochs)
}

function limited(pieces: readonly Piece[], tokens: number): Piece[] {
  let room = tokens
  return pieces.filter((piece) => {
    room -= piece.tokens.length - 1
    return room >= 0
  })
}

function batchesOf(pieces: readonly Piece[], rows: number, context: number): PackedBatch[] {
  const batches: PackedBatch[] = []
  for (let next = 0; next < pieces.length; ) {
    const batch = emptyBatch(rows, context)
    next += fillBatch(batch, context, pieces, next)
    batches.push(batch)
  }
  return batches
}

function countOf({ counted }: PackedBatch): number {
  return counted.reduce((sum, one) => sum + one, 0)
}
