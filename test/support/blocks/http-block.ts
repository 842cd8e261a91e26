import { type HttpBlock, SliceColumn } from '../../../src/core/columns/block.ts'
import { ByteText } from '../../../src/core/columns/byte-text.ts'
import { Dictionary } from '../../../src/core/columns/dictionary.ts'

export interface Request {
  readonly client?: string
  readonly user?: string
  readonly method?: string
  readonly target?: string
  readonly status?: number
  readonly bytes?: number
  readonly referer?: string
  readonly userAgent?: string
  readonly time?: number
}

const LINE = /^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (.+?)(?: HTTP\/[\d.]+)?" (\d{3}) (\d+|-) "(.*?)" "(.*)"$/

/** A line of the Combined Log Format, or undefined where it is none. */
export function parseCombined(line: string): Request | undefined {
  const match = LINE.exec(line)
  if (match === null) return undefined
  const [, client, user, time, method, target, status, bytes, referer, userAgent] = match
  return {
    client,
    user,
    method,
    target,
    status: Number(status),
    bytes: bytes === '-' ? -1 : Number(bytes),
    referer: referer === '-' ? '' : referer,
    userAgent,
    time: Date.parse(time.replace(/^(\d+)\/(\w+)\/(\d+):/, '$1 $2 $3 ')),
  }
}

/** A block of these requests, as parsing makes it. */
export function httpBlock(requests: readonly Request[]): HttpBlock {
  const count = requests.length
  const parts: string[] = []
  let length = 0
  const column = (value: (request: Request) => string): [Uint32Array, Uint32Array] => {
    const starts = new Uint32Array(count)
    const ends = new Uint32Array(count)
    requests.forEach((request, i) => {
      const text = Buffer.from(value(request), 'utf8').toString('latin1')
      parts.push(text)
      starts[i] = length
      length += text.length
      ends[i] = length
    })
    return [starts, ends]
  }
  const columns = {
    client: column(({ client = '192.0.2.1' }) => client),
    user: column(({ user = '' }) => user),
    method: column(({ method = 'GET' }) => method),
    target: column(({ target = '/' }) => target),
    protocol: column(() => 'HTTP/1.1'),
    referer: column(({ referer = '' }) => referer),
    userAgent: column(({ userAgent = 'Mozilla/5.0' }) => userAgent),
    vhost: column(() => ''),
    raw: column(() => ''),
  }
  const source = ByteText.of(parts.join(''))
  const slices = (name: keyof typeof columns) => new SliceColumn(source, columns[name][0], columns[name][1], false)
  return {
    kind: 'http',
    source: { id: 1, path: 'access.log', modifiedAt: 0 },
    format: 'access',
    count,
    lines: Uint32Array.from({ length: count }, (_, i) => i + 1),
    offsets: new Float64Array(count),
    lengths: new Uint32Array(count),
    time: Float64Array.from(requests, ({ time = Date.UTC(2026, 0, 5, 12) }) => time),
    status: Uint16Array.from(requests, ({ status = 200 }) => status),
    bytes: Float64Array.from(requests, ({ bytes = 1000 }) => bytes),
    client: slices('client'),
    user: slices('user'),
    method: slices('method'),
    target: slices('target'),
    protocol: slices('protocol'),
    referer: slices('referer'),
    userAgent: slices('userAgent'),
    vhost: slices('vhost'),
    raw: slices('raw'),
  }
}

/** Blocks whose columns are numbered, as parsing does, by dictionaries of their own. */
export function numbered(blocks: readonly HttpBlock[]): HttpBlock[] {
  const names = ['client', 'method', 'target', 'referer', 'userAgent'] as const
  const dictionaries = names.map(() => new Dictionary())
  return blocks.map((block) => {
    const { bytes } = block.target.source
    const columns = names.map((name, i) => {
      const { source, starts, ends, ascii } = block[name]
      return [name, new SliceColumn(source, starts, ends, ascii, dictionaries[i].encode(bytes, starts, ends))] as const
    })
    return { ...block, ...Object.fromEntries(columns) }
  })
}
