import { Chance, Zipf } from './chance.ts'
import type { LineWriter } from './generate.ts'
import { LogClock } from './log-clock.ts'
import { LogTimes } from './times.ts'

const START = Date.UTC(2024, 0, 1) / 1000
const RATE = 3
const USERS = 4000
const ATTACK_SHARE = 0.005

/** What happens, with its share of the lines; the rest of a thousand is logins. */
const KINDS: readonly (readonly [kind: Kind, until: number])[] = [
  ['failure', 0.06],
  ['invalid', 0.09],
  ['close', 0.33],
  ['cron', 0.52],
  ['sudo', 0.58],
  ['session', 0.8],
  ['login', 1],
]

type Kind = 'login' | 'failure' | 'invalid' | 'close' | 'cron' | 'sudo' | 'session'

interface Event {
  readonly kind: Kind
  readonly user: string
  readonly ip: string
  readonly port: number
}

const TYPES: Readonly<Record<Kind, readonly [type: string, action: string, words: string]>> = {
  login: ['login_success', 'ssh_login', 'Accepted publickey for'],
  failure: ['login_failure', 'ssh_login', 'Failed password for'],
  invalid: ['invalid_user', 'ssh_login', 'Failed password for invalid user'],
  close: ['connection_closed', 'ssh_disconnect', 'Disconnected from user'],
  cron: ['cron', 'run', 'Scheduled job of'],
  sudo: ['sudo', 'command', 'Command as root by'],
  session: ['session_opened', 'session', 'Session opened for user'],
}

/** Security events: users and addresses after Zipf's law, and brute forces from one address after the other. */
export class SecurityWriter implements LineWriter {
  readonly header: string
  attacks = 0
  readonly #format: 'auth' | 'json' | 'csv'
  readonly #chance: Chance
  readonly #clock: LogClock
  readonly #times = new LogTimes()
  readonly #ranks: Zipf
  readonly #users: readonly string[]
  #attack = { ip: '', user: '', left: 0 }
  #pid = 1000

  constructor(seed: number, format: 'auth' | 'json' | 'csv') {
    this.#format = format
    this.header = format === 'csv' ? 'timestamp,user,source_ip,host,event_type,action,message\n' : ''
    this.#chance = new Chance(seed)
    this.#clock = new LogClock(this.#chance, START, RATE)
    this.#ranks = new Zipf(this.#chance, USERS, 0.9)
    this.#users = Array.from({ length: USERS }, (_, i) => `user${i}`)
  }

  next(): string {
    this.#clock.tick()
    const event = this.#chance.unit() < ATTACK_SHARE ? this.#attempt() : this.#ordinary()
    switch (this.#format) {
      case 'auth':
        return this.#syslog(event)
      case 'json':
        return this.#json(event)
      case 'csv':
        return this.#csv(event)
      default:
        return this.#format satisfies never
    }
  }

  #ordinary(): Event {
    const chance = this.#chance
    const rank = this.#ranks.draw()
    const draw = chance.unit()
    const kind = KINDS.find(([, until]) => draw < until)?.[0] ?? 'login'
    const ip = `198.18.${rank >> 6}.${(rank * 4 + chance.below(4)) & 255}`
    return { kind, user: this.#users[rank], ip, port: 32_768 + chance.below(28_000) }
  }

  #attempt(): Event {
    const chance = this.#chance
    this.attacks++
    if (this.#attack.left-- <= 0) {
      this.#attack = {
        ip: `203.0.113.${chance.below(255)}`,
        user: chance.pick(['root', 'admin', 'deploy']),
        left: chance.below(200),
      }
    }
    const success = this.#attack.left === 0 && chance.unit() < 0.2
    return {
      kind: success ? 'login' : 'failure',
      user: this.#attack.user,
      ip: this.#attack.ip,
      port: 32_768 + chance.below(28_000),
    }
  }

  #syslog({ kind, user, ip, port }: Event): string {
    this.#pid = 1000 + ((this.#pid + 7) % 60_000)
    return `${this.#times.syslog(this.#clock.now)} web-${port & 3} ${syslogMessage(kind, user, ip, port, this.#pid)}`
  }

  #json({ kind, user, ip, port }: Event): string {
    const [type, action, words] = TYPES[kind]
    const time = this.#times.iso(this.#clock.now)
    return `{"timestamp":"${time}","user":"${user}","source_ip":"${ip}","host":"web-${port & 3}","event_type":"${type}","action":"${action}","message":"${words} ${user} from ${ip} port ${port}"}`
  }

  /** Every tenth message holds a comma, and so is quoted. */
  #csv({ kind, user, ip, port }: Event): string {
    const [type, action, words] = TYPES[kind]
    const message = `${words} ${user} from ${ip} port ${port}`
    const cell = port % 10 === 0 ? `"${message}, told ""as is"""` : message
    return `${this.#times.iso(this.#clock.now)},${user},${ip},web-${port & 3},${type},${action},${cell}`
  }
}

function syslogMessage(kind: Kind, user: string, ip: string, port: number, pid: number): string {
  switch (kind) {
    case 'login':
      return `sshd[${pid}]: Accepted publickey for ${user} from ${ip} port ${port} ssh2: ED25519 SHA256:${'exampleexample'.repeat(3)}`
    case 'failure':
      return `sshd[${pid}]: Failed password for ${user} from ${ip} port ${port} ssh2`
    case 'invalid':
      return `sshd[${pid}]: Failed password for invalid user ${user} from ${ip} port ${port} ssh2`
    case 'close':
      return `sshd[${pid}]: Disconnected from user ${user} ${ip} port ${port}`
    case 'cron':
      return `CRON[${pid}]: (${user}) CMD (   cd / && run-parts --report /etc/cron.hourly)`
    case 'sudo':
      return `sudo:   ${user} : TTY=pts/${port & 7} ; PWD=/home/${user} ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx`
    case 'session':
      return `sshd[${pid}]: pam_unix(sshd:session): session opened for user ${user}(uid=${1000 + (port & 1023)}) by (uid=0)`
    default:
      return kind satisfies never
  }
}
