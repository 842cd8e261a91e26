/** A deterministic automaton over byte classes. */
export interface Automaton {
  /** Next state times `width`, indexed by state times `width` plus class. The first state is 0. */
  readonly next: Int32Array
  /** Number of states in which no word ends; they come first. */
  readonly plain: number
  /** Per state, from `plain` on: numbers of the words that end there. */
  readonly ends: readonly (readonly number[])[]
  /**
   * Per state, from `plain` on: the state (also counted from `plain`) in which shorter words end; -1 if there is none.
   */
  readonly shorter: Int32Array
}

/**
 * The automaton of Aho & Corasick (1975) for words given as byte classes below `width`. A state's row is that of its
 * longest proper suffix, except for its own children. Both are nearer to the root, so rows are built in the order of
 * depth.
 */
export function buildAutomaton(words: readonly Uint8Array[], width: number): Automaton {
  const trie = buildTrie(words)
  const { order, fail } = linkSuffixes(trie)
  /** By node: the nearest of itself and its suffixes that is a word; 0 if there is none. */
  const ending = new Int32Array(trie.size)
  for (const node of order) ending[node] = trie.ends[node] ? node : ending[fail[node]]
  const rank = new Int32Array(trie.size)
  let plain = 0
  for (let node = 0; node < trie.size; node++) if (ending[node] === 0) rank[node] = plain++
  for (let node = 0, at = plain; node < trie.size; node++) if (ending[node] !== 0) rank[node] = at++
  const next = new Int32Array(trie.size * width)
  const ends: (readonly number[])[] = []
  const shorter = new Int32Array(trie.size - plain)
  for (const node of [0, ...order]) {
    const row = rank[node] * width
    if (node !== 0) next.copyWithin(row, rank[fail[node]] * width, (rank[fail[node]] + 1) * width)
    for (let child = trie.child[node]; child > 0; child = trie.sibling[child]) {
      next[row + trie.label[child]] = rank[child] * width
    }
    if (ending[node] === 0) continue
    ends[rank[node] - plain] = trie.ends[node] ?? []
    const suffix = ending[fail[node]]
    shorter[rank[node] - plain] = suffix === 0 ? -1 : rank[suffix] - plain
  }
  return { next, plain, ends, shorter }
}

/**
 * Nodes by number, starting with the root. A node's children are its first child and that child's siblings; 0 means
 * none.
 */
interface Trie {
  readonly size: number
  readonly child: Int32Array
  readonly sibling: Int32Array
  readonly label: Uint8Array
  readonly ends: (number[] | undefined)[]
}

function buildTrie(words: readonly Uint8Array[]): Trie {
  const most = 1 + words.reduce((sum, { length }) => sum + length, 0)
  const child = new Int32Array(most)
  const sibling = new Int32Array(most)
  const label = new Uint8Array(most)
  const ends: (number[] | undefined)[] = [undefined]
  let size = 1
  for (const [number, word] of words.entries()) {
    let at = 0
    for (const c of word) {
      let found = child[at]
      while (found > 0 && label[found] !== c) found = sibling[found]
      if (found === 0) {
        found = size++
        label[found] = c
        sibling[found] = child[at]
        child[at] = found
        ends.push(undefined)
      }
      at = found
    }
    if (at > 0) ends[at] = [...(ends[at] ?? []), number]
  }
  return { size, child, sibling, label, ends }
}

/** All nodes except the root in the order of depth, and per node its longest proper suffix. */
function linkSuffixes({ size, child, sibling, label }: Trie): { order: Int32Array; fail: Int32Array } {
  const order = new Int32Array(size - 1)
  const fail = new Int32Array(size)
  let tail = 0
  const childBy = (node: number, c: number) => {
    let found = child[node]
    while (found > 0 && label[found] !== c) found = sibling[found]
    return found
  }
  for (let node = child[0]; node > 0; node = sibling[node]) order[tail++] = node
  for (let head = 0; head < tail; head++) {
    const node = order[head]
    for (let below = child[node]; below > 0; below = sibling[below]) {
      let at = fail[node]
      let goes = childBy(at, label[below])
      while (goes === 0 && at !== 0) {
        at = fail[at]
        goes = childBy(at, label[below])
      }
      fail[below] = goes
      order[tail++] = below
    }
  }
  return { order, fail }
}
