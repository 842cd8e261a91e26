import type { SliceColumn } from '../core/block.ts'
import { LruTable } from '../core/lru-table.ts'
import type { Rarity } from './rarity.ts'
import type { StructureModel } from './structure.ts'

const CAPACITY = 8192

/**
 * Verdicts on the texts that clients send again and again: User-Agent and Referer. While learning every sight is judged
 * anew; afterwards a text is judged once and remembered.
 */
export class TextCache {
  /** By the number that `look` returns. */
  readonly peak = new Float32Array(CAPACITY)
  readonly bits = new Float32Array(CAPACITY)
  readonly #table = new LruTable(CAPACITY)
  readonly #zone: number
  readonly #structure: StructureModel
  readonly #kinds: Rarity | undefined
  #frozen = false

  constructor(zone: number, structure: StructureModel, kinds?: Rarity) {
    this.#zone = zone
    this.#structure = structure
    this.#kinds = kinds
  }

  /** Says that what verdicts are based on changes no more. */
  freeze(): void {
    this.#frozen = true
  }

  look(column: SliceColumn, index: number, learn: boolean): number {
    const { text } = column
    const start = column.starts[index]
    const end = column.ends[index]
    const slot = this.#table.claim(text, start, end)
    if (this.#table.fresh || !this.#frozen) this.#judge(slot, text, start, end, learn)
    return slot
  }

  #judge(slot: number, text: string, start: number, end: number, learn: boolean): void {
    this.#structure.measure(this.#zone, text, start, end, learn)
    this.peak[slot] = end === start ? 0 : this.#structure.peak
    if (this.#kinds === undefined) return
    const kind = agentKind(text.slice(start, end))
    this.bits[slot] = this.#kinds.bits(this.#kinds.find(kind))
    if (learn) this.#kinds.learn(kind)
  }
}

/** A User-Agent without its version numbers and without what follows the first 160 characters. */
export function agentKind(agent: string): string {
  return agent.slice(0, 160).replace(/[0-9]+(?:[._][0-9]+)*/g, '0')
}
