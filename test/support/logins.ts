/** Logins of people and of attackers, told by every kind of log. */

export const START = Date.UTC(2026, 0, 6, 9)
const OFFICE = '198.51.100.20'
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export interface Login {
  readonly user: string
  readonly from: string
  readonly ok: boolean
}

const refused = (from: string) => (user: string) => ({ user, from, ok: false })
const letIn = (from: string, user: string) => ({ user, from, ok: true })
const users = ['ann', 'bob', 'cid', 'dora', 'emil', 'fay', 'gus', 'hal', 'ida', 'jon']

/** People at work: each logs in from the office, some after a mistake. */
export const ordinary: readonly Login[] = users.flatMap((user, i) => [
  ...(i % 3 === 0 ? [{ user, from: OFFICE, ok: false }] : []),
  { user, from: OFFICE, ok: true },
])

export interface Scenario {
  readonly attack: (attacker: string) => readonly Login[]
  /** Rules that must be told, each once, with their levels. */
  readonly wanted: readonly (readonly [string, string])[]
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  'a brute force that succeeds': {
    attack: (from) => [...Array.from({ length: 25 }, () => refused(from)('ann')), letIn(from, 'ann')],
    wanted: [
      ['Brute force of logins from one address', 'high'],
      ['Brute force followed by a successful login', 'critical'],
    ],
  },
  'a spray that finds nothing': {
    attack: (from) => users.slice(0, 9).map(refused(from)),
    wanted: [['Password spray from one address', 'high']],
  },
  'credential stuffing that finds a valid login': {
    attack: (from) => [...users.slice(0, 9).map(refused(from)), letIn(from, 'jon')],
    wanted: [
      ['Password spray from one address', 'high'],
      ['Credential stuffing that found a valid login', 'critical'],
    ],
  },
}

/** The same logins as lines of each format, ten seconds apart. */
export const formats: Readonly<Record<string, (logins: readonly Login[]) => readonly string[]>> = {
  JSON: (logins) =>
    logins.map(({ user, from, ok }, i) =>
      JSON.stringify({ timestamp: at(i), user, source_ip: from, event_type: ok ? 'login_success' : 'login_failure' }),
    ),
  CSV: (logins) => [
    'timestamp,user,source_ip,event_type,action,message',
    ...logins.map(
      ({ user, from, ok }, i) => `${at(i)},${user},${from},${ok ? 'login_success' : 'login_failure'},web_login,`,
    ),
  ],
  syslog: (logins) =>
    logins.map(({ user, from, ok }, i) => {
      const time = new Date(START + i * 10_000)
      const stamp = `${MONTHS[time.getUTCMonth()]}  ${time.getUTCDate()} ${time.toISOString().slice(11, 19)}`
      return `${stamp} web1 sshd[${900 + i}]: ${ok ? 'Accepted' : 'Failed'} password for ${user} from ${from} port 4242 ssh2`
    }),
}

function at(i: number): string {
  return new Date(START + i * 10_000).toISOString()
}

export const paths: Readonly<Record<string, string>> = { JSON: 'events.jsonl', CSV: 'events.csv', syslog: 'auth.log' }
