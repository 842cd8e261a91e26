import { idsOf, type SecurityBlock } from '../../core/columns/block.ts'
import { IdPairs } from '../../core/columns/id-pairs.ts'
import { hashSlice } from '../../core/columns/slice-table.ts'

const KINDS = 2048
/** Event types of login attempts, and programs that log a login only by its session. */
const LOGIN = /(?:^|_)(?:login|logon|signin|auth|authentication|mfa)(?:_|$)|^invalid_user$/
const SESSION_PROGRAMS = /^(?:login|gdm|lightdm|sddm|vsftpd|sshd\(pam_unix\))/
/** Event types whose success says nothing about a login. */
const UNRELATED = /^(?:cron|session_opened|session_closed|connection_closed)$/

/** Classifies security events by program and event type. */
export class LoginKinds {
  /** Values of the last event. */
  name = ''
  hash = 0
  /** True for a login attempt. */
  login = false
  /** True if a success shows that the user was allowed something. */
  informative = false
  readonly #known = new IdPairs(KINDS)
  readonly #names: string[] = []
  readonly #hashes = new Int32Array(KINDS)
  readonly #logins = new Uint8Array(KINDS)
  readonly #informative = new Uint8Array(KINDS)

  /** Selects the block that `look` refers to. */
  follow({ program, eventType, count }: SecurityBlock): void {
    this.#known.follow(idsOf(program, count), idsOf(eventType, count))
  }

  look(block: SecurityBlock, index: number): void {
    const known = this.#known.find(index)
    if (known >= 0) {
      this.name = this.#names[known]
      this.hash = this.#hashes[known]
      this.login = this.#logins[known] === 1
      this.informative = this.#informative[known] === 1
      return
    }
    const program = block.program.at(index)
    const type = block.eventType.at(index)
    this.name = `${program} ${type}`
    this.hash = hashSlice(this.name, 0, this.name.length, 0) | 0
    this.login = LOGIN.test(type) || (type === 'session_opened' && SESSION_PROGRAMS.test(program))
    this.informative = this.login || !UNRELATED.test(type)
    const place = this.#known.add(index)
    if (place < 0) return
    this.#names[place] = this.name
    this.#hashes[place] = this.hash
    this.#logins[place] = this.login ? 1 : 0
    this.#informative[place] = this.informative ? 1 : 0
  }
}
