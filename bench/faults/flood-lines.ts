import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Line `n` of a flood. `random` gives seeded whole numbers below 2^32. */
type Line = (n: number, random: () => number) => string

const START = Date.UTC(2026, 0, 1)
const BUFFER = 1 << 20

interface Flood {
  readonly file: string
  /** First line, for logs that have one. */
  readonly head?: string
  readonly line: Line
  /** Divides the number of lines, for floods of long lines. */
  readonly long?: number
}

interface Request {
  readonly client?: string
  readonly target?: string
  readonly status?: number
  readonly agent?: string
}

function request(n: number, { client = '192.0.2.7', target = '/', status = 200, agent = 'Mozilla/5.0' }: Request) {
  const time = new Date(START + n * 50)
  const stamp = `${String(time.getUTCDate()).padStart(2, '0')}/Jan/2026:${time.toISOString().slice(11, 19)} +0000`
  return `${client} - - [${stamp}] "GET ${target} HTTP/1.1" ${status} 512 "-" "${agent}"`
}

const word = (random: () => number) => random().toString(36)
const address = (random: () => number) => `10.0.${random() % 256}.${random() % 256}`
const ipv6 = (random: () => number) =>
  `2001:db8:${Array.from({ length: 6 }, () => (random() % 65_536).toString(16)).join(':')}`
const time = (n: number) => new Date(START + n * 50).toISOString()
const syslogTime = (n: number) => `Jan  1 ${time(n).slice(11, 19)}`

/** What an attacker may write into a log so that every line holds something new, or is a finding. */
export const FLOODS = {
  parameter_names: {
    file: 'access.log',
    line: (n, random) => request(n, { client: address(random), target: `/x?k${word(random)}=${n}` }),
  },
  clients: { file: 'access.log', line: (n, random) => request(n, { client: ipv6(random), target: '/login' }) },
  agents: {
    file: 'access.log',
    line: (n, random) => request(n, { client: address(random), agent: `${word(random)} ${word(random)}` }),
  },
  paths: {
    file: 'access.log',
    line: (n, random) =>
      request(n, { client: address(random), target: `/${word(random)}/${word(random)}`, status: 404 }),
  },
  findings: {
    file: 'access.log',
    line: (n, random) => request(n, { client: ipv6(random), target: `/p?id=${n}%27%20OR%20%271%27=%271` }),
  },
  long_lines: {
    file: 'access.log',
    long: 100,
    line: (n, random) => {
      const long = `${word(random)}-`.repeat(4000)
      return request(n, { client: `${ipv6(random)}${long}`, target: `/x?${long}=1`, agent: long })
    },
  },
  logins: {
    file: 'auth.log',
    line: (n, random) =>
      `${syslogTime(n)} h${word(random)} sshd[${n % 30_000}]: Failed password for invalid user u${word(random)} from ${ipv6(random)} port ${n % 60_000} ssh2`,
  },
  programs: {
    file: 'syslog.log',
    line: (n, random) =>
      `${syslogTime(n)} h${word(random)} p${word(random)}[${n % 30_000}]: ${word(random)} ${word(random)}`,
  },
  json_users: {
    file: 'events.jsonl',
    line: (n, random) =>
      JSON.stringify({
        ...{ time: time(n), user: `u${word(random)}`, source_ip: ipv6(random), host: `h${word(random)}` },
        ...{ event_type: `t${word(random)}`, outcome: 'failure', message: `${word(random)} ${word(random)} refused` },
      }),
  },
  csv_users: {
    file: 'events.csv',
    head: 'timestamp,user,source_ip,event_type,outcome,message',
    line: (n, random) =>
      `${time(n)},u${word(random)},${ipv6(random)},t${word(random)},failure,${word(random)} ${word(random)} refused`,
  },
} as const satisfies Readonly<Record<string, Flood>>

export type FloodName = keyof typeof FLOODS

/** Appends lines `from` to `to` (exclusive) of a flood to its log in the directory, and returns how many these are. */
export function appendFlood(name: FloodName, dir: string, from: number, to: number): number {
  const { file, head, line, long = 1 }: Flood = FLOODS[name]
  mkdirSync(dir, { recursive: true })
  const fd = openSync(join(dir, file), 'a')
  const random = randomOf(from + 1)
  let text = from === 0 && head !== undefined ? `${head}\n` : ''
  const end = Math.ceil(to / long)
  for (let n = Math.ceil(from / long); n < end; n++) {
    text += `${line(n, random)}\n`
    if (text.length < BUFFER) continue
    writeSync(fd, text)
    text = ''
  }
  writeSync(fd, text)
  closeSync(fd)
  return end - Math.ceil(from / long)
}

/** Xorshift (Marsaglia 2003). */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
