import type { InferenceSession } from 'onnxruntime-node'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { openSession } from '../../../graph/session.ts'
import type { TransformerModel } from '../model.ts'
import { type Piece, piecesOf } from '../sessions/packing.ts'
import { EOS } from '../vocabulary.ts'
import { Pass } from './pass.ts'
import { type Remembered, ScoreCache } from './score-cache.ts'
import { scoringGraph } from './scoring-graph.ts'

export interface ScorerOptions {
  readonly int8?: boolean
  readonly threads?: number
  /** Pieces whose scores are remembered, a power of two or 0; it changes no score. */
  readonly cache?: number
}

export interface Expectation {
  readonly token: number
  readonly probability: number
}

/** What scoring needs of a model besides its network. */
export type ScoringModel = Omit<TransformerModel, 'weights' | 'heldOutLoss'>

/** Positions of one pass: its activations then stay in the cache of a core. */
const POSITIONS = 1024
/** Positions of padding that cost as much as another pass. */
const PADDING = 64
/** Scores are whole multiples of this many nats, so that few of them differ on a processor with other vectors. */
const GRAIN = 1 / 1024
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
    const all = pieces.map((piece) => this.#cache.of(piece))
    const missing = new Set<Remembered>()
    for (const one of all) if (one.scores === undefined) missing.add(one)
    const fresh = await this.#run(Array.from(missing, ({ piece }) => piece))
    let next = 0
    for (const one of missing) one.scores = fresh[next++]
    return all.map(({ scores }) => scores!)
  }

  async #run(pieces: readonly Piece[]): Promise<Float32Array[]> {
    const scores = new Array<Float32Array>(pieces.length)
    await this.#passes(pieces, 'nll', (data, order) => {
      const nats = data.map(rounded)
      let start = 0
      for (const p of order) {
        const end = start + lengthOf(pieces[p]) - pieces[p].from
        // A copy, because what is remembered must not keep the rest of the pass.
        scores[p] = nats.slice(start, end)
        start = end
      }
    })
    return scores
  }

  /**
   * For each of `contexts` (at most `context` tokens, BOS included where the session begins in sight) the likeliest tokens
   * after it, likeliest first.
   */
  async topK(contexts: readonly Int32Array[], count: number): Promise<Expectation[][]> {
    const { vocabulary } = this.model.dimensions
    const pieces = contexts.map((tokens) => ({ tokens: Int32Array.of(...tokens, EOS), from: tokens.length - 1 }))
    const expected = new Array<Expectation[]>(contexts.length)
    await this.#passes(pieces, 'log_probabilities', (data, order) => {
      for (const [row, p] of order.entries()) {
        const nats = data.subarray(row * vocabulary, (row + 1) * vocabulary)
        expected[p] = likeliest(nats, count).map((token) => ({ token, probability: Math.exp(nats[token]) }))
      }
    })
    return expected
  }

  /** Pieces of like length share a pass, so that hardly any of it is padding. `take` gets the output for pieces `order`. */
  async #passes(
    pieces: readonly Piece[],
    output: 'nll' | 'log_probabilities',
    take: (data: Float32Array, order: Int32Array) => void,
  ): Promise<void> {
    const order = byLength(pieces)
    for (let next = 0; next < order.length; ) {
      const length = lengthOf(pieces[order[next]])
      const rows = rowsOf(pieces, order, next)
      const pass = new Pass(rows, length)
      const laid = order.subarray(next, next + rows)
      for (const [row, p] of laid.entries()) pass.lay(pieces[p], row)
      const result = await this.#session.run(pass.feeds(), [output])
      take(result[output].data as Float32Array, laid)
      next += rows
    }
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

/** How many pieces from `next` on, the longest of those left, make up one pass: its positions are theirs and what pads the shorter ones. */
function rowsOf(pieces: readonly Piece[], order: Int32Array, next: number): number {
  const length = lengthOf(pieces[order[next]])
  const most = Math.min(order.length - next, Math.max(1, Math.floor(POSITIONS / length)))
  let rows = 1
  for (let padding = 0; rows < most; rows++) {
    padding += length - lengthOf(pieces[order[next + rows]])
    if (padding > PADDING) break
  }
  return rows
}

/** Positions that a piece takes. */
function lengthOf({ tokens }: Piece): number {
  return tokens.length - 1
}

/** Indices of the pieces, the longest first, of equals the earlier: a counting sort. */
function byLength(pieces: readonly Piece[]): Int32Array {
  const longest = pieces.reduce((most, piece) => Math.max(most, lengthOf(piece)), 0)
  const next = new Int32Array(longest + 2)
  for (const piece of pieces) next[longest - lengthOf(piece) + 1]++
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1]
  const order = new Int32Array(pieces.length)
  pieces.forEach((piece, p) => {
    order[next[longest - lengthOf(piece)]++] = p
  })
  return order
}
