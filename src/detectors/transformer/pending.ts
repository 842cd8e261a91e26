import type { Piece } from './packing.ts'
import type { ScoringModel } from './scorer.ts'
import type { Session } from './sessions.ts'
import { BOS, EOS, type Vocabulary } from './vocabulary.ts'
import { windowOf } from './windows.ts'

/** Events of one session that are scored by one pass over one of its windows. */
export interface Pending {
  readonly session: Session
  /** Place of the first token in sight. */
  readonly start: number
  /** Place of the first token to be scored. */
  readonly first: number
  /** Place of the last one. */
  last: number
  /** Whether the last one is the end of the session. */
  ended: boolean
}

/** Gathers what a block asks to be scored, window by window, so that events of one session share a pass. */
export class PendingScores {
  readonly windows: Pending[] = []
  readonly #model: ScoringModel
  readonly #open = new Map<Session, number>()

  constructor(model: ScoringModel) {
    this.#model = model
  }

  /** Asks for the next place of a session, which a template takes or, with `ended`, its end; returns the index of its window. */
  ask(session: Session, ended: boolean): number {
    const place = session.next
    const { start } = windowOf(place, this.#model.dimensions.context, this.#model.overlap)
    const index = this.#open.get(session)
    if (index !== undefined && this.windows[index].start === start) {
      this.windows[index].last = place
      this.windows[index].ended = ended
      return index
    }
    this.windows.push({ session, start, first: place, last: place, ended })
    this.#open.set(session, this.windows.length - 1)
    return this.windows.length - 1
  }
}

/** The tokens of a window, and from where on its predictions count. */
export function pieceOf({ session, start, first, last, ended }: Pending, { vocabulary }: ScoringModel): Piece {
  const tokens = tokensOf(session, start, ended ? last : last + 1, vocabulary)
  return { tokens: ended ? Int32Array.of(...tokens, EOS) : tokens, from: first - 1 - start }
}

/** The tokens in sight of the prediction of `place`, which are those that its score was computed from. */
export function tokensBefore(session: Session, place: number, model: ScoringModel): Int32Array {
  const { start } = windowOf(place, model.dimensions.context, model.overlap)
  return tokensOf(session, start, place, model.vocabulary)
}

/** Tokens of the places from `start` up to `end`, exclusive. */
function tokensOf(session: Session, start: number, end: number, vocabulary: Vocabulary): Int32Array {
  const oldest = session.next - session.recent.length
  return Int32Array.from({ length: end - start }, (_, i) => {
    const place = start + i
    // What was not kept, because a larger model came into force, is as unknown as a step that was never seen.
    return place === 0 ? BOS : vocabulary.token(session.recent[place - oldest] ?? -1)
  })
}
