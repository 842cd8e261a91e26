import { SliceTable } from '../core/columns/slice-table.ts'
import { segmentShape } from './segment-shape.ts'

/** Deeper segments share one placeholder. */
const MAX_DEPTH = 8
/** Once a position in the path has had this many different words, further ones become `<*>`. */
const FAN_OUT = 100
/** Number of paths cached with their shape, so that most requests cost one lookup. */
const REMEMBERED = 16_384
const LONGEST_REMEMBERED = 256

export const UNKNOWN_SHAPE = 0

interface Node {
  readonly children: Map<string, Node>
}

/**
 * Maps a URL path to the id of its shape, such as `/user/<num>/edit`. Words are kept until a position in the path has
 * had too many of them. Memory is bounded. Ids depend only on the order of the paths.
 */
export class PathShapes {
  #frozen = false
  readonly #root: Node = { children: new Map() }
  readonly #shapes: SliceTable
  readonly #paths = new SliceTable(REMEMBERED)
  readonly #shapeOf = new Int32Array(REMEMBERED)

  /** Creates at most `capacity` shapes; further paths get `UNKNOWN_SHAPE`. */
  constructor(capacity = 4096) {
    this.#shapes = new SliceTable(capacity)
    this.#shapes.intern('<unknown>')
  }

  get size(): number {
    return this.#shapes.size
  }

  text(id: number): string {
    return this.#shapes.text(id)
  }

  /** Stops learning: paths with a new shape get `UNKNOWN_SHAPE`. */
  freeze(): void {
    this.#frozen = true
  }

  /** The id of the shape of the path text[start, end), without its query. */
  shapeOf(text: string, start: number, end: number): number {
    const known = this.#paths.find(text, start, end)
    if (known >= 0) return this.#shapeOf[known]
    const shape = this.#shape(text, start, end)
    const id = Math.max(UNKNOWN_SHAPE, this.#frozen ? this.#shapes.find(shape) : this.#add(shape))
    if (end - start <= LONGEST_REMEMBERED) {
      const remembered = this.#paths.intern(text, start, end)
      if (remembered >= 0) this.#shapeOf[remembered] = id
    }
    return id
  }

  #add(shape: string): number {
    const size = this.#shapes.size
    const id = this.#shapes.intern(shape)
    if (this.#shapes.size === size) return id
    let node = this.#root
    for (const segment of shape.split('/').slice(1)) node = child(node, segment)
    return id
  }

  /** The shapes ordered by id. The cached paths are not included. */
  snapshot(): readonly string[] {
    return this.#shapes.texts()
  }

  static restore(snapshot: readonly string[], capacity = 4096): PathShapes {
    const shapes = new PathShapes(capacity)
    for (const shape of snapshot.slice(1)) shapes.#add(shape)
    return shapes
  }

  #shape(text: string, start: number, end: number): string {
    if (text.charCodeAt(start) !== 0x2f) return '<no path>'
    let node: Node | undefined = this.#root
    let shape = ''
    let depth = 0
    for (let from = start + 1; from <= end; ) {
      let to = text.indexOf('/', from)
      if (to < 0 || to > end) to = end
      const segment = depth === MAX_DEPTH ? '<rest>' : this.#segment(node, text, from, to, to === end)
      shape += `/${segment}`
      if (depth === MAX_DEPTH) break
      node = node?.children.get(segment)
      depth++
      from = to + 1
    }
    return shape
  }

  #segment(node: Node | undefined, text: string, from: number, to: number, last: boolean): string {
    const placeholder = segmentShape(text, from, to, last)
    if (placeholder !== '') return placeholder
    const word = text.slice(from, to)
    if (node === undefined || node.children.has(word)) return word
    return node.children.size >= FAN_OUT || (this.#frozen && node.children.has('<*>')) ? '<*>' : word
  }
}

function child(node: Node, segment: string): Node {
  let next = node.children.get(segment)
  if (next === undefined) {
    next = { children: new Map() }
    // A slice would keep its block in memory, so it is copied.
    node.children.set(Buffer.from(segment, 'utf16le').toString('utf16le'), next)
  }
  return next
}

/** Position of the `?` in a request target; `end` if there is none. */
export function queryStart(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 0x3f) return i
  return end
}
