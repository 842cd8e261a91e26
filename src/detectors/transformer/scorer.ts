import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { openSession } from '../../graph/session.ts'
import type { TransformerModel } from './model.ts'
import { emptyBatch, type PackedBatch, type Piece, pack, piecesOf } from './packing.ts'
import { keyOf, ScoreCache } from './score-cache.ts'
import { scoringGraph } from './scoring-graph.ts'
import { EOS } from './vocabulary.ts'

export interface ScorerOptions {
  readonly int8?: boolean
  readonly threads?: number
  /** Pieces whose scores are remembered; it changes no score. */
  readonly cache?: number
}

export interface Expectation {
  readonly token: number
  readonly probability: number
}

/** What scoring needs of a model besides its network. */
export type ScoringModel = Omit<TransformerModel, 'weights' | 'heldOutLoss'>

/** Rows of one pass: its activations then stay in the cache of a core. */
const MAX_ROWS = 16
/**
 * Pieces begin at multiples of this many positions. The runtime sums over a row with vectors of up to 16 numbers, so that
 * elsewhere the last bits of a score would depend on what else is in the row; so they do not.
 */
const ALIGNMENT = 16
/** Scores are whole multiples of this many nats, so that few of them differ on a processor with other vectors. */
const GRAIN = 1 / 1024
/** Pieces whose scores are remembered: sessions begin alike, and repeat themselves. */
const CACHED_PIECES = 8192

/**
 * Scores sequences with a trained network: every position of a window in one causal pass. `run()` of the runtime blocks
 * the calling thread, so a scorer lives in a batch worker, never on the main thread.
 */
export class SequenceScorer {
  readonly model: ScoringModel
  readonly #session: InferenceSession
  readonly #cache: ScoreCache

  private constructor(model: ScoringModel, session: InferenceSession, cache: ScoreCache) {
    this.model = model
    this.#session = session
    this.#cache = cache
  }

  /** Opens a model that is in memory, with its weights. */
  static open(model: TransformerModel, options: ScorerOptions = {}): Promise<SequenceScorer> {
    return SequenceScorer.openNetwork(model, scoringGraph(model, options), options)
  }

  /** Opens a network in ONNX form (its bytes, or the path of its file) that belongs to `model`. */
  static async openNetwork(
    model: ScoringModel,
    network: Uint8Array | string,
    options: ScorerOptions = {},
  ): Promise<SequenceScorer> {
    try {
      const session = await openSession(network, { threads: options.threads })
      // A quantised score depends on its company, so remembering it would make the past part of it.
      const cache = new ScoreCache(options.int8 ? 0 : (options.cache ?? CACHED_PIECES))
      return new SequenceScorer(model, session, cache)
    } catch (error) {
      throw new OddlineError(
        'MODEL_INVALID',
        `The transformer cannot be loaded: ${messageOf(error)}. Train it anew, or roll back to an earlier version.`,
        { cause: error },
      )
    }
  }

  /** Negative log-likelihood, in nats, of every template of a session given those before it, and of its end last. */
  async scoreSessions(sessions: readonly Int32Array[]): Promise<Float32Array[]> {
    const { dimensions, overlap, vocabulary } = this.model
    const pieces: Piece[] = []
    const owners: { readonly session: number; readonly place: number }[] = []
    sessions.forEach((session, index) => {
      const tokens = vocabulary.session(session, true)
      let place = 0
      for (const piece of piecesOf(tokens, dimensions.context, overlap)) {
        pieces.push(piece)
        owners.push({ session: index, place })
        place += piece.tokens.length - 1 - piece.from
      }
    })
    const scores = sessions.map((session) => new Float32Array(session.length + 1))
    const parts = await this.scorePieces(pieces)
    parts.forEach((part, i) => {
      scores[owners[i].session].set(part, owners[i].place)
    })
    return scores
  }

  /** The counted predictions of each piece: `tokens.length - 1 - from` scores. */
  async scorePieces(pieces: readonly Piece[]): Promise<Float32Array[]> {
    const keys = pieces.map(keyOf)
    const known = new Map<string, Float32Array>()
    const missing = new Map<string, Piece>()
    keys.forEach((key, i) => {
      const scores = this.#cache.get(key)
      if (scores !== undefined) known.set(key, scores)
      else missing.set(key, pieces[i])
    })
    const fresh = (await this.#run([...missing.values()])).values()
    for (const key of missing.keys()) {
      const scores = fresh.next().value!
      known.set(key, scores)
      this.#cache.put(key, scores)
    }
    return keys.map((key) => known.get(key)!)
  }

  async #run(pieces: readonly Piece[]): Promise<Float32Array[]> {
    const { context } = this.model.dimensions
    const scores: Float32Array[] = []
    const positions = pieces.reduce((sum, { tokens }) => sum + tokens.length + ALIGNMENT, 0)
    const batch = emptyBatch(Math.max(1, Math.min(MAX_ROWS, Math.ceil(positions / context))), context)
    for (let next = 0; next < pieces.length; ) {
      const offsets: number[] = []
      const first = next
      next += pack(batch, context, pieces, next, ALIGNMENT, (_, offset) => offsets.push(offset))
      const { nll } = await this.#session.run(feeds(batch, context), ['nll'])
      const values = nll.data as Float32Array
      for (let p = first; p < next; p++) {
        const { tokens, from } = pieces[p]
        const offset = offsets[p - first]
        scores.push(values.subarray(offset + from, offset + tokens.length - 1).map(rounded))
      }
    }
    return scores
  }

  /** The likeliest tokens after `tokens` (at most `context` of them, BOS included where the session begins in sight), likeliest first. */
  async topK(tokens: Int32Array, count: number): Promise<Expectation[]> {
    const { dimensions } = this.model
    const batch = emptyBatch(1, dimensions.context)
    const piece = { tokens: Int32Array.of(...tokens, EOS), from: 0 }
    pack(batch, dimensions.context, [piece], 0)
    const result = await this.#session.run(feeds(batch, dimensions.context), ['log_probabilities'])
    const all = result.log_probabilities.data as Float32Array
    const row = all.subarray((tokens.length - 1) * dimensions.vocabulary, tokens.length * dimensions.vocabulary)
    return likeliest(row, count).map((token) => ({ token, probability: Math.exp(row[token]) }))
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

/** The tokens of the highest log-probabilities, highest first; of equals the lower token. Count times one pass: a sort costs more. */
function likeliest(logProbabilities: Float32Array, count: number): number[] {
  const tokens: number[] = []
  while (tokens.length < Math.min(count, logProbabilities.length)) {
    let best = -1
    for (let token = 0; token < logProbabilities.length; token++) {
      if ((best < 0 || logProbabilities[token] > logProbabilities[best]) && !tokens.includes(token)) best = token
    }
    tokens.push(best)
  }
  return tokens
}

function rounded(nats: number): number {
  return Math.round(nats / GRAIN) * GRAIN
}

function feeds(batch: PackedBatch, context: number): Record<string, Tensor> {
  const shape = [batch.tokens.length / context, context]
  return {
    tokens: new Tensor('int32', batch.tokens, shape),
    positions: new Tensor('int32', batch.positions, shape),
    segments: new Tensor('int32', batch.segments, shape),
    targets: new Tensor('int32', batch.targets, shape),
  }
}
