/**
 * Finds which of many literals a text holds, in one pass: the automaton of Aho and Corasick (1975) with its failure
 * links resolved into a table over classes of bytes. Letters are folded by the classes, so the text needs no lowering.
 * States are numbered so that those that end a literal come last: the loop pays one comparison a byte for them.
 */
export interface Literal {
  /** Lower-case ASCII. */
  readonly text: string
  /** Reported for each literal found; several literals may share one. */
  readonly id: number
}

export class LiteralScanner {
  readonly #classOf = new Uint8Array(256)
  readonly #next: Int32Array
  /** First (multiplied) state that ends a literal. */
  readonly #firstEnd: number
  readonly #width: number
  /** Ids by state, for states from `#firstEnd` on. */
  readonly #ids: readonly Int32Array[]

  constructor(literals: readonly Literal[]) {
    this.#width = this.#assignClasses(literals)
    const trie = buildTrie(literals, this.#classOf)
    const order = numberStates(trie)
    const count = trie.length
    const next = new Int32Array(count * this.#width)
    const ids: Int32Array[] = []
    for (const [old, node] of trie.entries()) {
      const row = order.rank[old] * this.#width
      for (let c = 0; c < this.#width; c++) next[row + c] = order.rank[resolve(trie, old, c)] * this.#width
      if (node.ids.length > 0) ids[order.rank[old] - order.plain] = Int32Array.from(new Set(node.ids))
    }
    this.#next = next
    this.#ids = ids
    this.#firstEnd = order.plain * this.#width
  }

  /** Calls nothing, allocates nothing: adds the ids found in `text[start, end)` to `hits`. */
  scan(text: string, start: number, end: number, hits: Hits): void {
    const next = this.#next
    const classOf = this.#classOf
    const firstEnd = this.#firstEnd
    let state = 0
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i)
      state = next[state + (code < 256 ? classOf[code] : 0)]
      if (state >= firstEnd) hits.addAll(this.#ids[(state - firstEnd) / this.#width], i)
    }
  }

  #assignClasses(literals: readonly Literal[]): number {
    let classes = 1
    for (const { text } of literals) {
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code < 256 && this.#classOf[code] === 0) this.#classOf[code] = classes++
      }
    }
    for (let code = 65; code <= 90; code++) this.#classOf[code] = this.#classOf[code + 32]
    return classes
  }
}

/** A set of ids that empties in constant time. */
export class Hits {
  readonly #stamps: Uint32Array
  readonly list: Int32Array
  #stamp = 1
  count = 0
  /** Index in the text of the first and the last hit's end, -1 if none. */
  first = -1
  last = -1

  constructor(size: number) {
    this.#stamps = new Uint32Array(size)
    this.list = new Int32Array(size)
  }

  clear(): void {
    this.count = 0
    this.first = -1
    this.last = -1
    if (++this.#stamp === 0xffffffff) {
      this.#stamps.fill(0)
      this.#stamp = 1
    }
  }

  has(id: number): boolean {
    return this.#stamps[id] === this.#stamp
  }

  add(id: number): void {
    if (this.#stamps[id] === this.#stamp) return
    this.#stamps[id] = this.#stamp
    this.list[this.count++] = id
  }

  addAll(ids: Int32Array, at: number): void {
    if (this.first < 0) this.first = at
    this.last = at
    for (let i = 0; i < ids.length; i++) this.add(ids[i])
  }
}

interface Node {
  readonly children: Map<number, number>
  fail: number
  ids: readonly number[]
}

/** Nodes in order of breadth, with failure links set and the ids of suffixes merged in. */
function buildTrie(literals: readonly Literal[], classOf: Uint8Array): Node[] {
  const nodes: Node[] = [{ children: new Map(), fail: 0, ids: [] }]
  for (const { text, id } of literals) {
    let at = 0
    for (let i = 0; i < text.length; i++) {
      const c = classOf[text.charCodeAt(i)]
      let child = nodes[at].children.get(c)
      if (child === undefined) {
        child = nodes.push({ children: new Map(), fail: 0, ids: [] }) - 1
        nodes[at].children.set(c, child)
      }
      at = child
    }
    nodes[at].ids = [...nodes[at].ids, id]
  }
  const queue = [...nodes[0].children.values()]
  for (let head = 0; head < queue.length; head++) {
    const node = nodes[queue[head]]
    for (const [c, child] of node.children) {
      nodes[child].fail = resolve(nodes, node.fail, c)
      nodes[child].ids = [...nodes[child].ids, ...nodes[nodes[child].fail].ids]
      queue.push(child)
    }
  }
  return nodes
}

function resolve(nodes: readonly Node[], from: number, c: number): number {
  for (let at = from; ; at = nodes[at].fail) {
    const child = nodes[at].children.get(c)
    if (child !== undefined) return child
    if (at === 0) return 0
  }
}

function numberStates(nodes: readonly Node[]): { rank: Int32Array; plain: number } {
  const rank = new Int32Array(nodes.length)
  let plain = 0
  for (const [i, node] of nodes.entries()) if (node.ids.length === 0) rank[i] = plain++
  let ending = plain
  for (const [i, node] of nodes.entries()) if (node.ids.length > 0) rank[i] = ending++
  return { rank, plain }
}
