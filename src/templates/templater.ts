import { type EventBlock, type HttpBlock, idsOf, type SecurityBlock } from '../core/columns/block.ts'
import { ById } from '../core/columns/by-id.ts'
import { IdPairs } from '../core/columns/id-pairs.ts'
import { PairTable } from '../core/columns/pair-table.ts'
import { SliceTable } from '../core/columns/slice-table.ts'
import { pack, unpack } from '../core/pack.ts'
import { Drain, type DrainSnapshot, UNKNOWN_TEMPLATE } from './drain.ts'
import { PathShapes, queryStart } from './path-shapes.ts'

/** Most template ids, which keeps the model small. */
const CAPACITY = 2048
const METHODS = 64
const EVENTS = 4096
/** First number for kinds of security events; smaller numbers are kinds of requests. */
const EVENT_KINDS = 1 << 16

/**
 * Assigns each event to one of a bounded number of templates: a request by method, path shape and status class; a
 * security event by program, event type and the Drain template of its message. Ids follow the order of first occurrence
 * and do not depend on block boundaries. Id 0 is the unknown template.
 */
export class Templater {
  readonly #templates: PairTable
  readonly #methods = new SliceTable(METHODS)
  readonly #events = new SliceTable(EVENTS)
  readonly #shapes: PathShapes
  readonly #drain: Drain
  /** Method ids by text number; path shapes by the text number of the target, once shapes are frozen. */
  readonly #verbs = new ById()
  readonly #shapesKnown = new ById()
  /** Kinds of security events by the text numbers of program and type. */
  readonly #kindsKnown = new IdPairs(EVENTS)
  readonly #kinds = new Int32Array(EVENTS)
  #frozen = false

  constructor(shapes = new PathShapes(), drain = new Drain()) {
    this.#shapes = shapes
    this.#drain = drain
    this.#templates = new PairTable(CAPACITY)
    this.#templates.intern(-1, UNKNOWN_TEMPLATE)
  }

  /** Number of ids so far, including the unknown one: every id is below this. */
  get size(): number {
    return this.#templates.size
  }

  /** Stops learning: new templates get id 0. */
  freeze(): void {
    this.#frozen = true
    this.#shapes.freeze()
    this.#drain.freeze()
  }

  /** The template id of each event. */
  templates(block: EventBlock): Int32Array {
    return block.kind === 'http' ? this.#ofRequests(block) : this.#ofEvents(block)
  }

  /**
   * The current id of a template. Two templates may be merged when a position becomes a parameter, so resolve all
   * collected ids before training a model on them.
   */
  resolve(id: number): number {
    const kind = this.#templates.first(id)
    if (kind < EVENT_KINDS) return id
    const now = this.#templates.find(kind, this.#drain.resolve(this.#templates.second(id)))
    return now < 0 ? id : now
  }

  /** The kind of events of a template; undefined for the unknown one. */
  kindOf(id: number): EventBlock['kind'] | undefined {
    const kind = this.#templates.first(id)
    if (kind < 0 || id >= this.size) return undefined
    return kind < EVENT_KINDS ? 'http' : 'security'
  }

  /** The template as text, such as `GET /user/<num> 2xx`. */
  text(id: number): string {
    const kind = this.#templates.first(id)
    if (kind < 0 || id >= this.size) return '<unknown>'
    const rest = this.#templates.second(id)
    if (kind < EVENT_KINDS) {
      const status = kind & 7
      return `${this.#methods.text(kind >> 3)} ${this.#shapes.text(rest)} ${status === 0 ? '-' : `${status}xx`}`
    }
    return `${this.#events.text(kind - EVENT_KINDS)}: ${this.#drain.text(rest)}`.trim()
  }

  #ofRequests(block: HttpBlock): Int32Array {
    const ids = new Int32Array(block.count)
    const { method, target, status } = block
    const methodIds = idsOf(method, block.count)
    const targetIds = idsOf(target, block.count)
    const verbs = this.#verbs.follow(methodIds)
    const shapes = this.#shapesKnown.follow(targetIds)
    for (let i = 0; i < block.count; i++) {
      const targetId = this.#frozen ? targetIds.of[i] : -1
      let shape = targetId < 0 ? -1 : shapes[targetId]
      if (shape < 0) {
        const text = target.latin1(i)
        shape = this.#shapes.shapeOf(text, 0, queryStart(text, 0, text.length))
        if (targetId >= 0) shapes[targetId] = shape
      }
      const methodId = methodIds.of[i]
      let verb = methodId < 0 ? -1 : verbs[methodId]
      if (verb < 0) {
        verb = this.#verb(method.latin1(i))
        if (methodId >= 0) verbs[methodId] = verb
      }
      const statusClass = Math.min(7, Math.floor(status[i] / 100))
      ids[i] = verb < 0 ? UNKNOWN_TEMPLATE : this.#id((verb << 3) | statusClass, shape)
    }
    return ids
  }

  #verb(text: string): number {
    return this.#frozen ? this.#methods.find(text) : this.#methods.intern(text)
  }

  #ofEvents(block: SecurityBlock): Int32Array {
    const ids = new Int32Array(block.count)
    this.#kindsKnown.follow(idsOf(block.program, block.count), idsOf(block.eventType, block.count))
    for (let i = 0; i < block.count; i++) {
      const kind = this.#kindOf(block, i)
      const template = this.#drain.template(block.message.at(i))
      ids[i] = kind < 0 ? UNKNOWN_TEMPLATE : this.#id(EVENT_KINDS + kind, template)
    }
    return ids
  }

  /** Number for the program and type of an event; -1 if there is none. */
  #kindOf(block: SecurityBlock, i: number): number {
    const known = this.#kindsKnown.find(i)
    if (known >= 0) return this.#kinds[known]
    const event = `${block.program.at(i)} ${block.eventType.at(i)}`.trim()
    const kind = this.#frozen ? this.#events.find(event) : this.#events.intern(event)
    const place = kind < 0 ? -1 : this.#kindsKnown.add(i)
    if (place >= 0) this.#kinds[place] = kind
    return kind
  }

  #id(kind: number, rest: number): number {
    return Math.max(
      UNKNOWN_TEMPLATE,
      this.#frozen ? this.#templates.find(kind, rest) : this.#templates.intern(kind, rest),
    )
  }

  snapshot(): Uint8Array {
    return pack('templates', 1, {
      meta: {
        methods: this.#methods.texts(),
        events: this.#events.texts(),
        shapes: this.#shapes.snapshot(),
        drain: this.#drain.snapshot(),
      },
      arrays: { templates: this.#templates.pairs() },
    })
  }

  /** @throws OddlineError MODEL_INVALID */
  static restore(bytes: Uint8Array): Templater {
    const { meta, arrays } = unpack('templates', 1, bytes)
    const saved = meta as {
      methods: string[]
      events: string[]
      shapes: string[]
      drain: DrainSnapshot
    }
    const templater = new Templater(PathShapes.restore(saved.shapes), Drain.restore(saved.drain))
    for (const method of saved.methods) templater.#methods.intern(method)
    for (const event of saved.events) templater.#events.intern(event)
    const pairs = arrays.templates as Int32Array
    for (let i = 2; i < pairs.length; i += 2) templater.#templates.intern(pairs[i], pairs[i + 1])
    return templater
  }
}
