import type { Hits } from './hits.ts'
import { buildAutomaton } from './trie.ts'
import { BOUNDARY, bareText } from './weight.ts'

export interface Literal {
  /** Lower-case ASCII; BOUNDARY at an end requires a word boundary there. */
  readonly text: string
  /** Id added to the hits if the literal is found; several literals may share it. */
  readonly id: number
  /** Bit mask of the passes in which the literal counts; all if absent. */
  readonly passes?: number
}

/** Literals that end in the same state. */
interface Ending {
  readonly length: number
  readonly before: boolean
  readonly after: boolean
  readonly passes: number
  readonly ids: Int32Array
}

export const ALL_PASSES = 0xff

/**
 * Finds which of many literals a text contains, in one pass: the automaton of Aho & Corasick (1975) with its failure
 * links resolved into a table over byte classes. The classes also fold case. States that end a literal have the highest
 * numbers, so the loop needs one comparison per byte for them.
 */
export class LiteralScanner {
  readonly #classOf = new Uint8Array(256)
  readonly #next: Int32Array
  /** The first state that ends a literal, times `#width`. */
  readonly #firstEnd: number
  readonly #width: number
  /**
   * Per state, from `#firstEnd` on: the literals that end there, and the state in which shorter literals end, or -1.
   */
  readonly #endings: readonly (readonly Ending[])[]
  readonly #shorter: Int32Array
  #scratch = Buffer.allocUnsafe(8192)

  constructor(literals: readonly Literal[]) {
    const bare = literals.map(({ text }) => bareText(text))
    this.#width = this.#assignClasses(bare)
    const words = bare.map((text) => Uint8Array.from(text, (char) => this.#classOf[char.charCodeAt(0)]))
    const { next, plain, ends, shorter } = buildAutomaton(words, this.#width)
    this.#next = next
    this.#firstEnd = plain * this.#width
    this.#shorter = shorter
    this.#endings = ends.map((numbers) => endingsOf(numbers.map((i) => literals[i])))
  }

  /**
   * Like `scanBytes`, for a whole text. A character outside ASCII is in no literal and is a word boundary; in `latin1`,
   * a character is a byte.
   */
  scan(text: string, hits: Hits, passes: number = ALL_PASSES, encoding: 'utf8' | 'latin1' = 'utf8'): void {
    const needed = text.length * 3
    if (this.#scratch.length < needed) this.#scratch = Buffer.allocUnsafe(needed * 2)
    this.scanBytes(this.#scratch, 0, this.#scratch.write(text, encoding), hits, passes)
  }

  /**
   * Adds the ids of the literals found in `bytes[start, end)` to `hits`, for literals that count in one of `passes`.
   */
  scanBytes(bytes: Uint8Array, start: number, end: number, hits: Hits, passes: number = ALL_PASSES): void {
    const next = this.#next
    const classOf = this.#classOf
    const firstEnd = this.#firstEnd
    let state = 0
    for (let i = start; i < end; i++) {
      state = next[state + classOf[bytes[i]]]
      if (state >= firstEnd) this.#found(bytes, start, end, i, state, hits, passes)
    }
  }

  #found(bytes: Uint8Array, from: number, to: number, at: number, state: number, hits: Hits, passes: number): void {
    for (let end = (state - this.#firstEnd) / this.#width; end >= 0; end = this.#shorter[end]) {
      const endings = this.#endings[end]
      for (let e = 0; e < endings.length; e++) {
        const { length, before, after, passes: own, ids } = endings[e]
        if ((own & passes) === 0) continue
        if (after && at + 1 < to && isWord(bytes[at + 1])) continue
        if (before && at - length >= from && isWord(bytes[at - length])) continue
        hits.addAll(ids)
      }
    }
  }

  #assignClasses(texts: readonly string[]): number {
    let classes = 1
    for (const text of texts) {
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        if (code < 256 && this.#classOf[code] === 0) this.#classOf[code] = classes++
      }
    }
    for (let code = 65; code <= 90; code++) this.#classOf[code] = this.#classOf[code + 32]
    return classes
  }
}

/** Groups the literals of one state by their boundary and pass conditions. */
function endingsOf(literals: readonly Literal[]): Ending[] {
  const alike = new Map<string, Literal[]>()
  for (const literal of literals) {
    const key = `${literal.passes ?? ALL_PASSES} ${literal.text}`
    alike.set(key, [...(alike.get(key) ?? []), literal])
  }
  return [...alike.values()].map((group) => {
    const { text, passes = ALL_PASSES } = group[0]
    const bare = bareText(text)
    const before = text.startsWith(BOUNDARY) && isWord(bare.charCodeAt(0))
    const after = text.endsWith(BOUNDARY) && isWord(bare.charCodeAt(bare.length - 1))
    return { length: bare.length, before, after, passes, ids: Int32Array.from(new Set(group.map(({ id }) => id))) }
  })
}

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95
}
