import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DetectionSchema } from '../../src/core/documents/detection.ts'
import { AnalysisSchema } from '../../src/faces/analysis-json.ts'
import { PROBLEMS } from '../../src/faces/http/problem.ts'
import { makeApi, type TestApi } from '../faces/support/api.ts'
import { HOSTILE_LINES, makeFinding } from '../faces/support/findings.ts'
import { recordBatch } from '../faces/support/state.ts'
import { faultOf, hostileRequest, type Operation, operationsOf } from '../support/hostile-requests.ts'

let api: TestApi
let operations: Operation[]

beforeAll(async () => {
  api = await makeApi({
    sinks: { archive: { type: 'file' } },
    runner: { request: () => 'started' },
  })
  recordBatch(
    api.state.db,
    'b1',
    HOSTILE_LINES.map((raw, line) => makeFinding({ raw, line, address: raw })),
  )
  const document = (await api.app.inject('/openapi.json')).json()
  operations = operationsOf(document)
})
afterAll(async () => {
  await api.close()
})

/** Streams have no end to wait for. */
const ENDLESS = new Set(['/events'])
const RUNS = Number(process.env.ODDLINE_FUZZ_RUNS ?? 1500)

describe('the generated OpenAPI document', () => {
  it('describes every contract and refers to nothing that it does not hold', async () => {
    const text = JSON.stringify((await api.app.inject('/openapi.json')).json())
    for (const path of [
      '/detect',
      '/detect/batch',
      '/analyze',
      '/analyze/file',
      '/status',
      '/health',
      '/metrics',
      '/findings',
    ]) {
      expect(operations.map((one) => one.path)).toContain(path)
    }
    const document = JSON.parse(text)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name])
  })

  it('has no lists of schemas where one schema stands in OpenAPI 3.1', async () => {
    const text = JSON.stringify((await api.app.inject('/openapi.json')).json())
    expect(text).not.toContain('"items":[{')
  })

  it('has examples that are answered in the documented shape', async () => {
    const shapes: Record<string, z.ZodType> = {
      '/detect': DetectionSchema,
      '/detect/batch': z.object({ results: z.array(DetectionSchema), summary: z.object({ total: z.number() }) }),
      '/analyze': AnalysisSchema,
      '/rules/try': AnalysisSchema,
    }
    for (const [path, shape] of Object.entries(shapes)) {
      const { example } = operations.find((one) => one.path === path && one.method === 'POST')!
      const response = await api.app.inject({ method: 'POST', url: path, payload: example as object })
      expect(response.statusCode, path).toBe(200)
      expect(() => shape.parse(response.json()), path).not.toThrow()
    }
  })
})

describe('under hostile requests', () => {
  it('answers each as documented, never with a failure of its own', async () => {
    const asked = operations.filter(({ path }) => !ENDLESS.has(path))
    await fc.assert(
      fc.asyncProperty(hostileRequest(asked, HOSTILE_LINES), async (request) => {
        const { method, url, headers, body } = request
        const response = await api.app.inject({ method: method as 'GET', url, headers, payload: body })
        expect(api.failures).toEqual([])
        const { allow, 'content-type': type } = response.headers
        expect(
          faultOf(request, { status: response.statusCode, type: String(type ?? ''), allow: allow?.toString() }),
        ).toBeUndefined()
        if (response.statusCode >= 400) {
          const problem = response.json()
          expect(PROBLEMS).toHaveProperty(problem.code)
          expect(problem.status).toBe(response.statusCode)
        }
      }),
      { numRuns: RUNS },
    )
  }, 600_000)
})

describe('what is refused in words', () => {
  it.each([
    ['/findings?severty=high', 'There is no parameter "severty". Did you mean severity?'],
    ['/rules?x=1', 'There is no parameter "x". This address takes none.'],
    ['/top?nonsense=1', 'There is no parameter "nonsense". This address takes since, until,'],
    ['/health?__proto__=1', 'There is no parameter "__proto__"'],
  ])('an unknown parameter: %s', async (url, detail) => {
    const response = await api.app.inject(url)
    expect(response.statusCode).toBe(400)
    expect(response.json().detail).toContain(detail)
  })

  it.each([
    ['DELETE', '/findings', 'GET, HEAD'],
    ['PATCH', '/findings/x/verdict', 'DELETE, PUT'],
    ['GET', '/detect', 'POST'],
    ['OPTIONS', '/health', 'GET, HEAD'],
    ['POST', '/ui/', 'GET, HEAD'],
  ] as const)('a method that the address does not take: %s %s', async (method, url, allow) => {
    const response = await api.app.inject({ method, url, payload: 'x', headers: { 'content-type': 'x/y' } })
    expect([response.statusCode, response.headers.allow]).toEqual([405, allow])
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  it.each(['/findings/%zz', '/%'])('an address that cannot be decoded: %s', async (url) => {
    const response = await api.app.inject(url)
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ])
  })

  it('a typing error in an order', async () => {
    const payload = { adjustment: { kind: 'allow', client: '192.0.2.1' }, dayz: 1 }
    expect((await api.app.inject({ method: 'POST', url: '/adjustments', payload })).statusCode).toBe(400)
  })

  it('bytes that are no request', async () => {
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as AddressInfo
    const say = async (bytes: string) => {
      const socket = connect(port, '127.0.0.1').end(bytes)
      return Buffer.concat(await socket.toArray()).toString()
    }
    expect(await say('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*INVALID_REQUEST/s)
    expect(await say(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 .*HEADERS_TOO_LARGE/s,
    )
  })
})

it('an adjustment may hold for part of a day', async () => {
  const payload = { adjustment: { kind: 'allow', client: '192.0.2.1' }, days: 1.3333333 }
  expect((await api.app.inject({ method: 'POST', url: '/adjustments', payload })).statusCode).toBe(201)
})
