import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DetectionSchema } from '../../src/core/documents/detection.ts'
import { AnalysisSchema } from '../../src/faces/analysis-json.ts'
import { PROBLEMS } from '../../src/faces/http/problem.ts'
import { makeApi, type TestApi } from '../faces/support/api.ts'
import { HOSTILE_LINES, makeFinding } from '../faces/support/findings.ts'
import { recordBatch } from '../faces/support/state.ts'

interface Operation {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly example?: unknown
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly schema?: unknown
}

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
  operations = Object.entries(document.paths as Record<string, Record<string, never>>).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const {
        parameters = [],
        requestBody,
        responses,
      } = operation as {
        parameters?: Operation['parameters']
        requestBody?: { content: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }> }
        responses: Record<string, { content?: Record<string, { schema: unknown }> }>
      }
      if (method === 'head') return []
      const content = requestBody?.content['application/json']
      const example = content?.example ?? Object.values(content?.examples ?? {})[0]?.value
      const schema = responses['200']?.content?.['application/json']?.schema
      return [{ path, method: method.toUpperCase() as Operation['method'], example, parameters, schema }]
    }),
  )
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

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    ...HOSTILE_LINES,
    '',
    '0',
    '-1',
    'NaN',
    '1e999',
    '../../etc/passwd',
    '%00',
    "' OR 1=1 --",
    '9'.repeat(60),
    '[]',
    '24h',
    '2026-02-31',
    'eyJ',
  ),
)
const value: fc.Arbitrary<unknown> = fc.oneof(nasty, fc.jsonValue({ maxDepth: 4 }), fc.double(), fc.constant(null))

/** Lone surrogates cannot stand in an address. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd')

/** The example with some of its values replaced, left out or added, or something else altogether. */
function bodyLike(example: unknown): fc.Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null) return value
  const keys = Object.keys(example)
  return fc.oneof(
    value,
    fc
      .dictionary(fc.oneof(fc.constantFrom(...keys, '__proto__', 'constructor', 'extra'), fc.string()), value, {
        maxKeys: 6,
      })
      .map((changes) => ({ ...example, ...changes })),
  )
}

describe('under hostile requests', () => {
  it('answers each with a documented status, never with a failure of its own', async () => {
    const request = fc.nat().chain((pick) => {
      const asked = operations.filter(({ path }) => !ENDLESS.has(path))
      const operation = asked[pick % asked.length]
      return fc.record({
        operation: fc.constant(operation),
        segment: nasty,
        query: fc.dictionary(
          fc.constantFrom('x', ...operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name)),
          nasty,
          { maxKeys: 5 },
        ),
        body: bodyLike(operation.example),
        type: fc.constantFrom(
          'application/json',
          'application/json',
          'application/json',
          'text/plain',
          'multipart/form-data; boundary=x',
          'x',
        ),
      })
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ operation, segment, query, body, type }) => {
        const path = operation.path.replace(/\{\w+\}/g, encodeURIComponent(wellFormed(segment)) || 'x')
        const search = new URLSearchParams(
          Object.entries(query).map(([name, text]): [string, string] => [name, wellFormed(text)]),
        ).toString()
        const sends = operation.method === 'POST' || operation.method === 'PUT'
        const response = await api.app.inject({
          method: operation.method,
          url: search ? `${path}?${search}` : path,
          ...(sends && { payload: JSON.stringify(body) ?? '', headers: { 'content-type': type } }),
        })
        expect(api.failures).toEqual([])
        expect(response.statusCode).toBeLessThan(500)
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
