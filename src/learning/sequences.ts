import { type EventBlock, own, sessionOf } from '../core/block.ts'
import { pack, unpack } from '../core/pack.ts'

/** Silence in log time after which a client's next event begins a new session, ms; as the transformer has it. */
const IDLE_MS = 30 * 60_000
/** Templates kept at most, over all sessions: a bound on memory that a minute of training does not reach. */
const MAX_TEMPLATES = 1_000_000

interface Open {
  readonly kind: EventBlock['kind']
  readonly templates: number[]
  time: number
}

export interface Sequence {
  readonly kind: EventBlock['kind']
  readonly templates: Int32Array
}

/** Sessions as sequences of template ids, collected for training. What was flagged is left out. */
export class SequenceCollector {
  readonly #open = new Map<string, Open>()
  #closed: Sequence[] = []
  #kept = 0

  collect(block: EventBlock, templates: Int32Array, exclude: Uint8Array): void {
    for (let i = 0; i < block.count && this.#kept < MAX_TEMPLATES; i++) {
      if (exclude[i] !== 0) continue
      const key = `${block.kind} ${sessionOf(block, i)}`
      const time = block.time[i]
      let session = this.#open.get(key)
      if (session && time - session.time > IDLE_MS) {
        this.#closed.push(closed(session))
        session = undefined
      }
      if (!session) {
        session = { kind: block.kind, templates: [], time }
        this.#open.set(own(key), session)
      }
      session.templates.push(templates[i])
      if (!Number.isNaN(time)) session.time = time
      this.#kept++
    }
  }

  /** Everything collected, sessions that may still go on included. `resolve` maps ids to those that hold now. */
  sequences(resolve: (template: number) => number): Sequence[] {
    const all = [...this.#closed, ...[...this.#open.values()].map(closed)]
    return all.map(({ kind, templates }) => ({ kind, templates: templates.map(resolve) }))
  }

  snapshot(): Uint8Array {
    const open = [...this.#open].map(([key, { time }]) => ({ key, time: Number.isNaN(time) ? null : time }))
    const all = [...this.#closed, ...[...this.#open.values()].map(closed)]
    return encodeSequences(all, { open })
  }

  /** @throws OddlineError MODEL_INVALID */
  restore(snapshot: Uint8Array): void {
    const { sequences, meta } = decodeSequences(snapshot)
    const open = meta.open as { key: string; time: number | null }[]
    this.#closed = sequences.slice(0, sequences.length - open.length)
    this.#open.clear()
    open.forEach(({ key, time }, i) => {
      const { kind, templates } = sequences[this.#closed.length + i]
      this.#open.set(key, { kind, templates: [...templates], time: time ?? Number.NaN })
    })
    this.#kept = sequences.reduce((sum, { templates }) => sum + templates.length, 0)
  }
}

function closed({ kind, templates }: Open): Sequence {
  return { kind, templates: Int32Array.from(templates) }
}

export function encodeSequences(sequences: readonly Sequence[], meta: Record<string, unknown> = {}): Uint8Array {
  const lengths = Int32Array.from(sequences, ({ templates }) => templates.length)
  const templates = new Int32Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const sequence of sequences) {
    templates.set(sequence.templates, at)
    at += sequence.templates.length
  }
  const http = Uint8Array.from(sequences, ({ kind }) => (kind === 'http' ? 1 : 0))
  return pack('sequences', 1, { meta, arrays: { lengths, templates, http } })
}

/** @throws OddlineError MODEL_INVALID */
export function decodeSequences(bytes: Uint8Array): { sequences: Sequence[]; meta: Record<string, unknown> } {
  const { meta, arrays } = unpack('sequences', 1, bytes)
  const templates = arrays.templates as Int32Array
  let at = 0
  const sequences = Array.from(arrays.lengths as Int32Array, (length, i): Sequence => {
    const from = at
    at += length
    return { kind: arrays.http[i] === 1 ? 'http' : 'security', templates: templates.slice(from, at) }
  })
  return { sequences, meta }
}
