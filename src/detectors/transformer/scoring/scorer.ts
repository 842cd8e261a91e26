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
  /** See `ScoringGraphOptions`. */
  readonly int8?: boolean
  readonly threads?: number
  /** Number of cached pieces, a power of two or 0. The cache changes no score. */
  readonly cache?: number
}

export interface Expectation {
  readonly token: number
  readonly probability: number
}

/** The parts of a model that scoring needs besides the network. */
export type ScoringModel = Omit<TransformerModel, 'weights' | 'heldOutLoss'>

/** Positions per pass, so few that the activations stay in the processor's cache. */
const POSITIONS = 1024
/** With more positions of padding, another pass is cheaper. */
const PADDING = 64
/** Scores are rounded to multiples of this, nats, so that few of them differ between processors. */
const GRAIN = 1 / 1024
const CACHED_PIECES = 8192

/**
 * Scores sequences with a trained network, all positions of a window in one pass. ONNX Runtime blocks the calling thread, so
 * do not use a scorer on the main thread.
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

  /** Opens a model. @throws OddlineError MODEL_INVALID if ONNX Runtime cannot load it */
  static open(model: TransformerModel, options: ScorerOptions = {}): Promise<SequenceScorer> {
    return SequenceScorer.openNetwork(model, scoringGraph(model, options), options)
  }

  /** Opens a model with its network as ONNX: bytes or path. @throws OddlineError MODEL_INVALID if it cannot be loaded */
  static async openNetwork(
    model: ScoringModel,
    network: Uint8Array | string,
    options: ScorerOptions = {},
  ): Promise<SequenceScorer> {
    try {
      const session = await openSession(network, { threads: options.threads })
      // An int8 score depends on its batch; caching it would make results depend on earlier input.
      const cache = new ScoreCache(options.int8 ? 0 : (options.cache ?? CACHED_PIECES))
      return new SequenceScorer(model, session, cache)
    } catch (error) {
      throw new OddlineError(
        'MODEL_INVALID',
        `The transformer cannot be loaded: ${messageOf(error)}. Train again (oddline train), or roll back to an earlier version ` +
          '(oddline models rollback).',
        { cause: error },
      )
    }
  }

  /** Per session, the negative log-likelihood, nats, of each template given the previous ones; the last value is for its end. */
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

  /** The scores of the counted predictions of each piece, nats: `tokens.length - 1 - from` values. */
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
        // Copy: a subarray in the cache would keep the whole pass alive.
        scores[p] = nats.slice(start, end)
        start = end
      }
    })
    return scores
  }

  /**
   * The `count` most probable next tokens of each context, most probable first.
   * @param contexts at most `dimensions.context` tokens each; BOS is the first if the session begins there
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

  /** Runs pieces of similar length together, which avoids padding. `take` gets the output and the indices of its pieces. */
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

/**
 * The tokens of the highest log-probabilities, highest first; of equals the lower token. The end of the session is no step
 * and never among them. For few tokens, repeated scans beat a sort.
 */
function likeliest(logProbabilities: Float32Array, count: number): number[] {
  const tokens: number[] = []
  while (tokens.length < Math.min(count, logProbabilities.length - 1)) {
    let best = -1
    for (let token = 0; token < logProbabilities.length; token++) {
      if (token === EOS) continue
      if ((best < 0 || logProbabilities[token] > logProbabilities[best]) && !tokens.includes(token)) best = token
    }
    tokens.push(best)
  }
  return tokens
}

function rounded(nats: number): number {
  return Math.round(nats / GRAIN) * GRAIN
}

/** Number of pieces from `next` on that share a pass. The first is the longest; shorter ones are padded. */
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

/** Number of positions of a piece. */
function lengthOf({ tokens }: Piece): number {
  return tokens.length - 1
}

/** Indices of the pieces by length, longest first, stable (counting sort). */
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
