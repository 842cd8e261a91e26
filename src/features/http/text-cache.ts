import { idsOf, type SliceColumn } from '../../core/columns/block.ts'
import { RowsById } from '../../core/columns/by-id.ts'
import type { Rarity } from '../rarity.ts'
import type { StructureModel } from '../structure.ts'

/**
 * Measures User-Agent and Referer, which repeat. While learning, every occurrence is measured; after `freeze`, results
 * are cached.
 */
export class TextCache {
  /** Result for the last text. */
  peak = 0
  bits = 0
  readonly #verdicts = new RowsById(2)
  #ids: Int32Array = new Int32Array(0)
  readonly #zone: number
  readonly #structure: StructureModel
  readonly #kinds: Rarity | undefined
  #frozen = false

  constructor(zone: number, structure: StructureModel, kinds?: Rarity) {
    this.#zone = zone
    this.#structure = structure
    this.#kinds = kinds
  }

  /** Stops learning, so that results can be cached. */
  freeze(): void {
    this.#frozen = true
  }

  /** Selects the column that `look` refers to. */
  follow(column: SliceColumn, count: number): void {
    const ids = idsOf(column, count)
    this.#ids = ids.of
    this.#verdicts.follow(ids)
  }

  look(column: SliceColumn, index: number, learn: boolean): void {
    const id = this.#ids[index]
    const kept = this.#frozen ? this.#verdicts.find(id) : -1
    if (kept >= 0) {
      this.peak = this.#verdicts.data[kept]
      this.bits = this.#verdicts.data[kept + 1]
      return
    }
    this.#judge(column.latin1(index), learn)
    if (!this.#frozen || id < 0) return
    const place = this.#verdicts.add(id)
    this.#verdicts.data[place] = this.peak
    this.#verdicts.data[place + 1] = this.bits
  }

  #judge(text: string, learn: boolean): void {
    this.#structure.measure(this.#zone, text, 0, text.length, learn)
    this.peak = text === '' ? 0 : this.#structure.peak
    if (this.#kinds === undefined) return
    const kind = agentKind(text)
    this.bits = this.#kinds.bits(this.#kinds.find(kind))
    if (learn) this.#kinds.learn(kind)
  }
}

/** The first 160 characters of a User-Agent, without version numbers. */
export function agentKind(agent: string): string {
  return agent.slice(0, 160).replace(/[0-9]+(?:[._][0-9]+)*/g, '0')
}
