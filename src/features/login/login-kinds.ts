import { idsOf, type SecurityBlock } from '../../core/columns/block.ts'
import { IdPairs } from '../../core/columns/id-pairs.ts'
import { hashSlice } from '../../core/columns/slice-table.ts'

const KINDS = 2048
/** Types of events that are attempts to log in, and programs that say so with the session alone. */
const LOGIN = /(?:^|_)(?:login|logon|signin|auth|authentication|mfa)(?:_|$)|^invalid_user$/
const BY_SESSION = /^(?:login|gdm|lightdm|sddm|vsftpd|sshd\(pam_unix\))/
/** Types of events that succeed by themselves, whoever guesses passwords meanwhile. */
const UNASKED = /^(?:cron|session_opened|session_closed|connection_closed)$/

/** Kinds of security events, a program and a type of event each: their names and hashes. */
export class LoginKinds {
  /** Of the event that was looked at last. */
  name = ''
  hash = 0
  /** Whether it is an attempt to log in. */
  login = false
  /** Whether its success shows that whom it names was let do something. */
  telling = false
  readonly #known = new IdPairs(KINDS)
  readonly #names: string[] = []
  readonly #hashes = new Int32Array(KINDS)
  readonly #logins = new Uint8Array(KINDS)
  readonly #telling = new Uint8Array(KINDS)

  /** Says which block is meant from here on. */
  follow({ program, eventType, count }: SecurityBlock): void {
    this.#known.follow(idsOf(program, count), idsOf(eventType, count))
  }

  look(block: SecurityBlock, index: number): void {
    const known = this.#known.find(index)
    if (known >= 0) {
      this.name = this.#names[known]
      this.hash = this.#hashes[known]
      this.login = this.#logins[known] === 1
      this.telling = this.#telling[known] === 1
      return
    }
    const program = block.program.at(index)
    const type = block.eventType.at(index)
    this.name = `${program} ${type}`
    this.hash = hashSlice(this.name, 0, this.name.length, 0) | 0
    this.login = LOGIN.test(type) || (type === 'session_opened' && BY_SESSION.test(program))
    this.telling = this.login || !UNASKED.test(type)
    const place = this.#known.add(index)
    if (place < 0) return
    this.#names[place] = this.name
    this.#hashes[place] = this.hash
    this.#logins[place] = this.login ? 1 : 0
    this.#telling[place] = this.telling ? 1 : 0
  }
}
