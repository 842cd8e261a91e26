import { PairTable } from '../core/columns/pair-table.ts'
import { Group, type GroupSnapshot, WILD } from './group.ts'
import { Tokenizer } from './masks.ts'
import { RecentLines } from './recent-lines.ts'
import { TokenTable } from './token-table.ts'

/** Leading tokens used as tree levels (the paper's depth of 4, which counts root and leaf). */
const LEADING = 2
/** Most children of a tree node; further tokens share one child. */
const FAN_OUT = 100
const TOKENS = 65_536
const NODES = 65_536

export const UNKNOWN_TEMPLATE = 0

/**
 * When messages count as alike. With `values` 1 it is the algorithm of the paper: a position that differs is a
 * parameter at once.
 */
export interface DrainSettings {
  /** A message joins a group if at least this share of its tokens is equal. */
  readonly similarity: number
  /** Most values of a position that may distinguish templates; with more, the position becomes a parameter. */
  readonly values: number
}

export const DRAIN_SETTINGS: DrainSettings = { similarity: 0.6, values: 3 }

/**
 * Drain (He, Zhu, Zheng & Lyu, ICWS 2017): assigns log messages to templates online, through a tree of fixed depth over
 * message length and leading tokens. It differs from the paper in two ways. Values are masked by their form first (see
 * `masks.ts`). And a position becomes a parameter only after it has taken more than a few values: `VM started` and `VM
 * stopped` stay two templates, while `user alice` and forty other users become one. Merged templates keep their old
 * ids, which `resolve` maps to the new one. Memory is bounded: a message beyond the capacity gets `UNKNOWN_TEMPLATE`.
 */
export class Drain {
  readonly capacity: number
  readonly #table = new TokenTable(TOKENS)
  readonly #tokenizer = new Tokenizer(this.#table)
  readonly #nodes = new PairTable(NODES)
  readonly #fanOut = new Uint16Array(NODES)
  /** Groups of each leaf, by node number. */
  readonly #leaves = new Map<number, Group[]>()
  /** Tokens of each template, WILD for a parameter. */
  readonly #templates: (Int32Array | undefined)[] = [undefined]
  /** Per template, the id that it was merged into; its own id if it was not merged. */
  readonly #merged: number[] = [UNKNOWN_TEMPLATE]
  /** 1 for tokens that contain a masked value. */
  readonly #masked = new Uint8Array(TOKENS)
  readonly #recent = new RecentLines()
  /** Increases whenever the template of a known line may change. */
  #version = 0
  #known = 0
  #frozen = false
  readonly #settings: DrainSettings

  /** Creates at most `capacity` template ids, including the unknown one. */
  constructor(capacity = 4096, settings = DRAIN_SETTINGS) {
    this.capacity = capacity
    this.#settings = settings
  }

  get size(): number {
    return this.#templates.length
  }

  freeze(): void {
    this.#frozen = true
    this.#version++
  }

  /** The current id of a template, after merges. */
  resolve(id: number): number {
    let now = id
    while (this.#merged[now] !== now) now = this.#merged[now]
    return now
  }

  text(id: number): string {
    const tokens = this.#templates[this.resolve(id)]
    if (tokens === undefined) return '<unknown>'
    return Array.from(tokens, (token) =>
      token === WILD ? '<*>' : this.#table.text(token).replaceAll('*', '<*>'),
    ).join(' ')
  }

  /** The template id of a message. */
  template(message: string): number {
    const tokenizer = this.#tokenizer
    tokenizer.read(message, !this.#frozen)
    for (; this.#known < this.#table.size; this.#known++) {
      this.#masked[this.#known] = this.#table.text(this.#known).includes('*') ? 1 : 0
    }
    const { tokens, count } = tokenizer
    const remembered = this.#recent.find(tokens, count, this.#version)
    if (remembered >= 0) return remembered
    const id = this.#search(tokens, count)
    this.#recent.remember(id, this.#version)
    return id
  }

  #search(tokens: Int32Array, count: number): number {
    const leaf = this.#leaf(tokens, count)
    if (leaf < 0) return UNKNOWN_TEMPLATE
    let groups = this.#leaves.get(leaf)
    const group = groups === undefined ? undefined : mostSimilar(groups, tokens, this.#settings.similarity * count)
    if (group !== undefined) {
      if (this.#frozen) return group.find(tokens)
      const templates = this.#templates.length
      const id = this.resolve(group.take(tokens, this.#masked, this.#newTemplate, this.#merge))
      if (this.#templates.length !== templates) this.#version++
      return id
    }
    if (this.#frozen || this.#templates.length === this.capacity) return UNKNOWN_TEMPLATE
    if (groups === undefined) {
      groups = []
      this.#leaves.set(leaf, groups)
    }
    const made = new Group(tokens.slice(0, count), this.#settings.values)
    groups.push(made)
    this.#version++
    return this.resolve(made.take(tokens, this.#masked, this.#newTemplate, this.#merge))
  }

  /** The state as JSON values. */
  snapshot(): DrainSnapshot {
    return {
      tokens: this.#table.texts().slice(1),
      nodes: [...this.#nodes.pairs()],
      fanOut: [...this.#fanOut.subarray(0, this.#nodes.size)],
      leaves: [...this.#leaves].map(([leaf, groups]) => [leaf, groups.map((group) => group.snapshot())]),
      templates: this.#templates.map((tokens) => [...(tokens ?? [])]),
      merged: this.#merged,
    }
  }

  static restore(snapshot: DrainSnapshot, capacity = 4096): Drain {
    const drain = new Drain(capacity)
    for (const token of snapshot.tokens) drain.#table.internText(token)
    for (let i = 0; i < snapshot.nodes.length; i += 2) drain.#nodes.intern(snapshot.nodes[i], snapshot.nodes[i + 1])
    drain.#fanOut.set(snapshot.fanOut)
    for (const [leaf, groups] of snapshot.leaves)
      drain.#leaves.set(
        leaf,
        groups.map((group) => Group.restore(group, drain.#settings.values)),
      )
    drain.#templates.push(...snapshot.templates.slice(1).map((tokens) => Int32Array.from(tokens)))
    drain.#merged.push(...snapshot.merged.slice(1))
    // Templates and groups must share the token arrays, because a change of one must change both.
    for (const groups of drain.#leaves.values()) {
      for (const group of groups) group.share(drain.#templates)
    }
    return drain
  }

  readonly #newTemplate = (tokens: Int32Array): number => {
    if (this.#templates.length === this.capacity) return UNKNOWN_TEMPLATE
    this.#merged.push(this.#templates.length)
    return this.#templates.push(tokens) - 1
  }

  readonly #merge = (from: number, into: number): void => {
    this.#merged[from] = into
    this.#version++
  }

  #leaf(tokens: Int32Array, count: number): number {
    let node = this.#step(-1, count)
    for (let i = 0; i < LEADING && i < count && node >= 0; i++) {
      const token = tokens[i]
      const value = token < 0 || this.#masked[token] === 1
      let next = value ? -1 : this.#nodes.find(node, token + MAX_LENGTHS)
      if (next < 0 && !value && !this.#frozen && this.#fanOut[node] < FAN_OUT) {
        this.#fanOut[node]++
        next = this.#step(node, token + MAX_LENGTHS)
      }
      node = next >= 0 ? next : this.#step(node, WILD)
    }
    return node
  }

  #step(node: number, label: number): number {
    return this.#frozen ? this.#nodes.find(node, label) : this.#nodes.intern(node, label)
  }
}

export interface DrainSnapshot {
  readonly tokens: readonly string[]
  readonly nodes: readonly number[]
  readonly fanOut: readonly number[]
  readonly leaves: readonly (readonly [number, readonly GroupSnapshot[]])[]
  readonly templates: readonly (readonly number[])[]
  readonly merged: readonly number[]
}

/** Tree labels below this are message lengths, labels from here on are tokens. */
const MAX_LENGTHS = 1024

function mostSimilar(groups: readonly Group[], tokens: Int32Array, least: number): Group | undefined {
  let best: Group | undefined
  let most = least
  let parameters = -1
  for (const group of groups) {
    const equal = group.equal(tokens)
    if (equal > most || (equal === most && group.parameters > parameters)) {
      best = group
      most = equal
      parameters = group.parameters
    }
  }
  return best
}
