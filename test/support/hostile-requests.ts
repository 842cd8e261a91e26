import fc from 'fast-check'

/** An operation of the OpenAPI document: what it takes, and how it may answer. */
export interface Operation {
  readonly path: string
  readonly method: string
  readonly example?: unknown
  readonly query: readonly string[]
  /** The content types of each documented status. */
  readonly answers: ReadonlyMap<number, readonly string[]>
}

export interface HostileRequest {
  /** Absent where no operation of the document is meant. */
  readonly operation?: Operation
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

type Content = Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>

export function operationsOf(document: { readonly paths: object }): Operation[] {
  return Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
      const content = (requestBody?.content as Content | undefined)?.['application/json']
      const answers = Object.entries(responses as Record<string, { content?: Content }>)
      return {
        path,
        method: method.toUpperCase(),
        example: content?.example ?? Object.values(content?.examples ?? {})[0]?.value,
        query: parameters.flatMap((one: { name: string; in: string }) => (one.in === 'query' ? [one.name] : [])),
        answers: new Map(answers.map(([status, one]) => [Number(status), Object.keys(one.content ?? {})])),
      }
    }),
  )
}

/** What is wrong with an answer by the document; undefined if nothing is. */
export function faultOf(
  { operation, method }: HostileRequest,
  { status, type, allow }: { readonly status: number; readonly type: string; readonly allow?: string },
): string | undefined {
  if (status >= 500 && status !== 503) return `failed with ${status}`
  const media = type.replace(/;.*$/, '')
  if (!operation) {
    if (status === 405 && !allow) return '405 without Allow'
    if (status < 400 && method !== 'OPTIONS') return `takes ${method}, which is not documented`
    return media === 'application/problem+json' ? undefined : `answers ${status} as ${media}`
  }
  const types = operation.answers.get(status)
  if (!types) return `the status ${status} is not documented`
  if (types.length === 0 ? media !== '' : !types.includes(media)) return `${status} comes as ${media || 'nothing'}`
  return undefined
}

const TEXTS = [
  '',
  '0',
  '-1',
  '1.5',
  'NaN',
  '1e999',
  '../../etc/passwd',
  '%00',
  "' OR 1=1 --",
  '9'.repeat(60),
  '[]',
  '24h',
  '999999d',
  '2026-02-31',
  '0000-01-01',
  'eyJ',
  '__proto__',
  'a'.repeat(5000),
]

/** Requests like those of the document, and unlike them. `texts` are hostile texts and known ids. */
export function hostileRequest(
  operations: readonly Operation[],
  texts: readonly string[],
): fc.Arbitrary<HostileRequest> {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom(...TEXTS, ...texts))
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.nat(), fc.constant(null))
  const cursor = fc
    .array(value, { maxLength: 4 })
    .map((keys) => Buffer.from(JSON.stringify(keys)).toString('base64url'))
  const like = fc.constantFrom(...operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      segment: fc.oneof(
        text,
        fc.constantFrom('%zz', '%', ...texts).map((raw) => ({ raw })),
      ),
      query: fc.array(
        fc.tuple(
          fc.oneof({ weight: 4, arbitrary: fc.constantFrom('x', ...operation.query) }, { weight: 1, arbitrary: text }),
          fc.oneof(text, cursor),
        ),
        { maxLength: 4 },
      ),
      body: bodyLike(operation.example, value),
      type: fc.oneof(
        { weight: 6, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('text/plain', 'multipart/form-data; boundary=x', 'multipart/form-data', 'x'),
        },
      ),
      upload: text,
    }),
  )
  const meant = like.map(({ operation, segment, query, body, type, upload }): HostileRequest => {
    const { method } = operation
    const encoded = typeof segment === 'string' ? encodeURIComponent(wellFormed(segment)) || 'x' : segment.raw
    const path = operation.path.replace(/\{\w+\}/g, () => encoded)
    const search = new URLSearchParams(
      query.map(([name, one]): [string, string] => [wellFormed(name), wellFormed(one)]),
    ).toString()
    const url = search ? `${path}?${search}` : path
    if (method === 'GET') return { operation, method, url, headers: {} }
    const file = `--x\r\ncontent-disposition: form-data; name="file"; filename="${upload}"\r\n\r\n${upload}\r\n--x--\r\n`
    const sent = type.startsWith('multipart') && upload.length % 2 === 0 ? file : (JSON.stringify(body) ?? '')
    return { operation, method, url, headers: { 'content-type': type }, body: sent }
  })
  const undeclared = fc
    .tuple(fc.constantFrom(...operations), fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'))
    .filter(([{ path }, method]) => !operations.some((one) => one.path === path && one.method === method))
    .map(([{ path }, method]): HostileRequest => ({ method, url: path.replace(/\{\w+\}/g, '1'), headers: {} }))
  const nowhere = text.map(
    (one): HostileRequest => ({ method: 'GET', url: `/nowhere/${encodeURIComponent(wellFormed(one))}`, headers: {} }),
  )
  return fc.oneof(
    { weight: 18, arbitrary: meant },
    { weight: 1, arbitrary: undeclared },
    { weight: 1, arbitrary: nowhere },
  )
}

/** The example with some of its values replaced, left out or added, or something else altogether. */
function bodyLike(example: unknown, value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null) return value
  const names = fc.oneof(fc.constantFrom(...Object.keys(example), '__proto__', 'constructor', 'extra'), fc.string())
  const changed = fc.dictionary(names, value, { maxKeys: 3 }).map((changes) => ({ ...example, ...changes }))
  const inner = fc.tuple(fc.constantFrom(...Object.keys(example)), value).map(([name, one]) => {
    const part = (example as Record<string, unknown>)[name]
    return { ...example, [name]: typeof part === 'object' ? { ...part, x: one } : one }
  })
  return fc.oneof(value, fc.constant(example), changed, inner)
}

/** Lone surrogates cannot stand in an address. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd')
}
