import { grown } from '../../../core/columns/grown.ts'

/** What a correlation stores of an event: the counted or summed value, or the position of the rule that matched. */
export type Mark = string | number

const NONE = -1
// Fields of a list and of an occurrence, adjacent so that they share a cache line.
const LIST = 4
const FIRST = 0
const LAST = 1
const LENGTH = 2
const NODE = 4
const TIME = 0
const NEXT = 1
const BEFORE = 2
const NUMBER = 3

/**
 * The occurrences of many windows: one linked list per window, sorted by time and then by arrival. All lists share
 * arrays in which dropped entries are reused, so there is no object per event.
 */
export class Occurrences {
  #lists = new Int32Array(0)
  #nodes = new Float64Array(0)
  /** Text marks, by occurrence. */
  readonly #texts: string[] = []
  #used = 0
  #free = NONE
  /** Number of occurrences in all lists. */
  size = 0

  /** Creates the empty list of a window. */
  open(window: number): void {
    const list = window * LIST
    this.#lists = grown(this.#lists, list + LIST)
    this.#lists[list + FIRST] = this.#lists[list + LAST] = NONE
    this.#lists[list + LENGTH] = 0
  }

  lengthOf(window: number): number {
    return this.#lists[window * LIST + LENGTH]
  }

  /** Time of the first occurrence; the window must not be empty. */
  firstTime(window: number): number {
    return this.#nodes[this.#lists[window * LIST + FIRST] * NODE + TIME]
  }

  /** Inserts an occurrence by time. Returns true if it is now the last one. */
  insert(window: number, time: number, mark: Mark): boolean {
    const at = this.#take(time, mark)
    const list = window * LIST
    const lists = this.#lists
    const nodes = this.#nodes
    let before = lists[list + LAST]
    while (before !== NONE && nodes[before * NODE + TIME] > time) before = nodes[before * NODE + BEFORE]
    const next = before === NONE ? lists[list + FIRST] : nodes[before * NODE + NEXT]
    nodes[at * NODE + BEFORE] = before
    nodes[at * NODE + NEXT] = next
    if (before === NONE) lists[list + FIRST] = at
    else nodes[before * NODE + NEXT] = at
    if (next === NONE) lists[list + LAST] = at
    else nodes[next * NODE + BEFORE] = at
    lists[list + LENGTH]++
    this.size++
    return next === NONE
  }

  /** Removes the first occurrence and returns its mark; the window must not be empty. */
  shift(window: number): Mark {
    const list = window * LIST
    const at = this.#lists[list + FIRST]
    const next = this.#nodes[at * NODE + NEXT]
    this.#lists[list + FIRST] = next
    if (next === NONE) this.#lists[list + LAST] = NONE
    else this.#nodes[next * NODE + BEFORE] = NONE
    this.#lists[list + LENGTH]--
    this.size--
    this.#nodes[at * NODE + NEXT] = this.#free
    this.#free = at
    return this.#mark(at)
  }

  clear(window: number): void {
    const last = this.#lists[window * LIST + LAST]
    if (last === NONE) return
    this.#nodes[last * NODE + NEXT] = this.#free
    this.#free = this.#lists[window * LIST + FIRST]
    this.size -= this.lengthOf(window)
    this.open(window)
  }

  /** Counts the occurrences of a mark, by searching the list. */
  count(window: number, mark: Mark): number {
    let count = 0
    let at = this.#lists[window * LIST + FIRST]
    for (; at !== NONE; at = this.#nodes[at * NODE + NEXT]) if (this.#mark(at) === mark) count++
    return count
  }

  forEach(window: number, visit: (mark: Mark, time: number) => void): void {
    let at = this.#lists[window * LIST + FIRST]
    for (; at !== NONE; at = this.#nodes[at * NODE + NEXT]) visit(this.#mark(at), this.#nodes[at * NODE + TIME])
  }

  #mark(at: number): Mark {
    return this.#texts.length > 0 ? this.#texts[at] : this.#nodes[at * NODE + NUMBER]
  }

  #take(time: number, mark: Mark): number {
    let at = this.#free
    if (at === NONE) at = this.#used++
    else this.#free = this.#nodes[at * NODE + NEXT]
    this.#nodes = grown(this.#nodes, (at + 1) * NODE)
    this.#nodes[at * NODE + TIME] = time
    if (typeof mark === 'string') this.#texts[at] = mark
    else this.#nodes[at * NODE + NUMBER] = mark
    return at
  }
}
