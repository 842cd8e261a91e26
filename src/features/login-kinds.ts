import { idsOf, type SecurityBlock } from '../core/block.ts'
import type { Ids } from '../core/dictionary.ts'
import { PairTable } from '../core/pair-table.ts'
import { hashSlice } from '../core/slice-table.ts'

const KINDS = 2048

/** Kinds of security events, a program and a type of event each, by the numbers of both: their names and hashes. */
export class LoginKinds {
  /** Of the event that was looked at last. */
  name = ''
  hash = 0
  #pairs = new PairTable(KINDS)
  readonly #names: string[] = []
  readonly #hashes = new Int32Array(KINDS)
  #programs: Ids | undefined
  #types: Ids | undefined

  /** Says which block is meant from here on. */
  follow({ program, eventType, count }: SecurityBlock): void {
    const programs = idsOf(program, count)
    const types = idsOf(eventType, count)
    if (programs.epoch !== this.#programs?.epoch || types.epoch !== this.#types?.epoch)
      this.#pairs = new PairTable(KINDS)
    this.#programs = programs
    this.#types = types
  }

  look(block: SecurityBlock, index: number): void {
    const program = this.#programs!.of[index]
    const type = this.#types!.of[index]
    const hasIds = program >= 0 && type >= 0
    const known = hasIds ? this.#pairs.find(program, type) : -1
    if (known >= 0) {
      this.name = this.#names[known]
      this.hash = this.#hashes[known]
      return
    }
    this.name = `${block.program.at(index)} ${block.eventType.at(index)}`
    this.hash = hashSlice(this.name, 0, this.name.length, 0) | 0
    const place = hasIds ? this.#pairs.intern(program, type) : -1
    if (place >= 0) {
      this.#names[place] = this.name
      this.#hashes[place] = this.hash
    }
  }
}
