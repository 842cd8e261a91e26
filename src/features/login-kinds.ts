import { idsOf, type SecurityBlock } from '../core/block.ts'
import { IdPairs } from '../core/id-pairs.ts'
import { hashSlice } from '../core/slice-table.ts'

const KINDS = 2048

/** Kinds of security events, a program and a type of event each: their names and hashes. */
export class LoginKinds {
  /** Of the event that was looked at last. */
  name = ''
  hash = 0
  readonly #known = new IdPairs(KINDS)
  readonly #names: string[] = []
  readonly #hashes = new Int32Array(KINDS)

  /** Says which block is meant from here on. */
  follow({ program, eventType, count }: SecurityBlock): void {
    this.#known.follow(idsOf(program, count), idsOf(eventType, count))
  }

  look(block: SecurityBlock, index: number): void {
    const known = this.#known.find(index)
    if (known >= 0) {
      this.name = this.#names[known]
      this.hash = this.#hashes[known]
      return
    }
    this.name = `${block.program.at(index)} ${block.eventType.at(index)}`
    this.hash = hashSlice(this.name, 0, this.name.length, 0) | 0
    const place = this.#known.add(index)
    if (place < 0) return
    this.#names[place] = this.name
    this.#hashes[place] = this.hash
  }
}
