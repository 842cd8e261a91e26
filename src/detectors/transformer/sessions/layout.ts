import { type EventBlock, sessionOf } from '../../../core/columns/block.ts'
import type { ScoringModel } from '../scoring/scorer.ts'
import type { ClientSessions } from './client-sessions.ts'
import type { Piece } from './packing.ts'
import { windowOf } from './windows.ts'

/** The events of several blocks, arranged session by session. */
export interface SessionLayout {
  /** Tokens of the sessions, each preceded by the context of its first event. */
  readonly tokens: Int32Array
  /** The windows that predict the events, and the index in `tokens` where each begins. */
  readonly pieces: readonly Piece[]
  readonly starts: readonly number[]
  /** Per event, in block order: index of its token in `tokens`, and its place in its session. */
  readonly at: Int32Array
  readonly places: Int32Array
}

/** Consecutive events of one session. */
interface Run {
  /** Place of the first context token, and of the first event. */
  readonly first: number
  readonly from: number
  /** The tokens from `first` to before `from`. */
  readonly before: readonly number[]
  /** Place after the last event. */
  next: number
}

/** Adds the events to their sessions and arranges them. `templates`: template ids of each block. */
export function layOutSessions(
  sessions: ClientSessions,
  blocks: readonly EventBlock[],
  templates: readonly Int32Array[],
  model: ScoringModel,
): SessionLayout {
  const count = blocks.reduce((sum, block) => sum + block.count, 0)
  const columns = { runs: new Int32Array(count), places: new Int32Array(count), tokens: new Int32Array(count) }
  const runs: Run[] = []
  const runOf = new Int32Array(sessions.capacity).fill(-1)
  let offset = 0
  blocks.forEach((block, b) => {
    follow(sessions, block, templates[b], model, runs, runOf, columns, offset)
    offset += block.count
  })

  const bases = new Int32Array(runs.length)
  let length = 0
  runs.forEach(({ first, next }, r) => {
    bases[r] = length - first
    length += next - first
  })
  const tokens = new Int32Array(length)
  runs.forEach(({ first, before }, r) => {
    tokens.set(before, bases[r] + first)
  })
  const at = columns.places.map((place, i) => bases[columns.runs[i]] + place)
  for (let i = 0; i < count; i++) tokens[at[i]] = columns.tokens[i]
  return { tokens, at, places: columns.places, ...piecesOf(runs, bases, tokens, model) }
}

function follow(
  sessions: ClientSessions,
  block: EventBlock,
  templates: Int32Array,
  model: ScoringModel,
  runs: Run[],
  runOf: Int32Array,
  columns: { readonly runs: Int32Array; readonly places: Int32Array; readonly tokens: Int32Array },
  offset: number,
): void {
  const { vocabulary } = model
  // Client addresses are compared by their dictionary ids, without decoding the text.
  const clients = block.kind === 'http' && block.session === undefined ? block.client : undefined
  const keyOf = (i: number) => clients?.latin1(i) ?? sessionOf(block, i)
  const ids = clients?.ids
  if (ids !== undefined) sessions.follow(ids)
  for (let i = 0; i < block.count; i++) {
    const slot = sessions.touch(ids === undefined ? -1 : ids.of[i], keyOf, i, block.time[i])
    const place = sessions.next(slot)
    if (sessions.began || runOf[slot] < 0) {
      runOf[slot] = runs.length
      runs.push(beginRun(sessions, slot, place, model))
    }
    const token = vocabulary.token(templates[i])
    sessions.push(slot, place, token)
    const run = runOf[slot]
    runs[run].next = place + 1
    columns.runs[offset + i] = run
    columns.places[offset + i] = place
    columns.tokens[offset + i] = token
  }
}

function beginRun(sessions: ClientSessions, slot: number, from: number, model: ScoringModel): Run {
  const first = windowOf(from, model.dimensions.context, model.overlap).start
  const before: number[] = []
  for (let place = first; place < from; place++) before.push(sessions.token(slot, place))
  return { first, from, before, next: from }
}

function piecesOf(
  runs: readonly Run[],
  bases: Int32Array,
  tokens: Int32Array,
  { dimensions: { context }, overlap }: ScoringModel,
): Pick<SessionLayout, 'pieces' | 'starts'> {
  const pieces: Piece[] = []
  const starts: number[] = []
  runs.forEach(({ from, next }, r) => {
    for (let place = from; place < next; ) {
      const { start } = windowOf(place, context, overlap)
      const end = Math.min(next, start + context + 1)
      pieces.push({ tokens: tokens.subarray(bases[r] + start, bases[r] + end), from: place - 1 - start })
      starts.push(bases[r] + start)
      place = end
    }
  })
  return { pieces, starts }
}
