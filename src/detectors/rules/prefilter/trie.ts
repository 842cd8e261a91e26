/** A state of the automaton while it is built. */
export interface TrieNode {
  readonly children: Map<number, number>
  /** State of the longest proper suffix. */
  fail: number
  /** Numbers of the words that end here, those of suffixes included. */
  ends: readonly number[]
}

/** The trie of words, given as classes of bytes, with failure links and the endings of suffixes. */
export function buildTrie(words: readonly (readonly number[])[]): TrieNode[] {
  const nodes: TrieNode[] = [{ children: new Map(), fail: 0, ends: [] }]
  for (const [number, word] of words.entries()) {
    let at = 0
    for (const c of word) {
      let child = nodes[at].children.get(c)
      if (child === undefined) {
        child = nodes.push({ children: new Map(), fail: 0, ends: [] }) - 1
        nodes[at].children.set(c, child)
      }
      at = child
    }
    if (at > 0) nodes[at].ends = [...nodes[at].ends, number]
  }
  const queue = [...nodes[0].children.values()]
  for (let head = 0; head < queue.length; head++) {
    const node = nodes[queue[head]]
    for (const [c, child] of node.children) {
      nodes[child].fail = resolveState(nodes, node.fail, c)
      nodes[child].ends = [...nodes[child].ends, ...nodes[nodes[child].fail].ends]
      queue.push(child)
    }
  }
  return nodes
}

/** Where a state goes by a class of bytes. */
export function resolveState(nodes: readonly TrieNode[], from: number, c: number): number {
  for (let at = from; ; at = nodes[at].fail) {
    const child = nodes[at].children.get(c)
    if (child !== undefined) return child
    if (at === 0) return 0
  }
}

/** New numbers for the states: those that end no word first; `plain` counts them. */
export function numberStates(nodes: readonly TrieNode[]): { rank: Int32Array; plain: number } {
  const rank = new Int32Array(nodes.length)
  let next = 0
  for (const [i, node] of nodes.entries()) if (node.ends.length === 0) rank[i] = next++
  const plain = next
  for (const [i, node] of nodes.entries()) if (node.ends.length > 0) rank[i] = next++
  return { rank, plain }
}
