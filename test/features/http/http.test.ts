import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HttpExtractor } from '../../../src/features/http/http.ts'
import { HTTP, HTTP_FEATURES, type HttpFeatureName } from '../../../src/features/http/http-features.ts'
import { HttpProfiles } from '../../../src/features/http/http-profiles.ts'
import { httpBlock, type Request } from '../../support/blocks/http-block.ts'

const COLUMNS = HTTP_FEATURES.length
const START = Date.UTC(2026, 0, 5, 12)

/** The values of one column, while learning from every request. */
function column(requests: readonly Request[], name: HttpFeatureName): number[] {
  const { data } = new HttpExtractor(new HttpProfiles()).extract(httpBlock(requests), new Uint8Array(requests.length))
  return requests.map((_, i) => data[i * COLUMNS + HTTP[name]])
}

/** The column of a last request, after learning from the others. */
function judged(normal: readonly Request[], suspect: Request, name: HttpFeatureName): number {
  return column([...normal, suspect], name).at(-1)!
}

const searches = Array.from({ length: 200 }, (_, i) => ({
  target: `/search?q=${['shoes', 'hats', 'blue+coat', 'socks', 'red%20hat'][i % 5]}${i % 7}&page=${1 + (i % 4)}`,
  client: `192.0.2.${i % 50}`,
}))

test('measures the parts of a target', () => {
  const [request] = [{ target: '/a/bc/D9?x=%41%42&y=' }]
  const { data } = new HttpExtractor(new HttpProfiles()).extract(httpBlock([request]))
  const of = (name: HttpFeatureName) => data[HTTP[name]]
  expect(Math.expm1(of('path_length'))).toBeCloseTo(8)
  expect(of('path_depth')).toBe(3)
  expect(Math.expm1(of('query_length'))).toBeCloseTo(11)
  expect(of('parameter_count')).toBe(2)
  expect(Math.expm1(of('longest_value'))).toBeCloseTo(2)
  expect(of('upper_share')).toBeCloseTo(1 / 20)
  expect(of('escape_share')).toBeCloseTo(6 / 20)
})

test.each([
  ['a value far longer than usual', '/search?q=shoesshoesshoesshoesshoesshoesshoesshoesshoesshoesshoes&page=1'],
  ['characters that the parameter never had', "/search?q=a'b&page=1"],
  ['the same, percent-encoded', '/search?q=a%27b&page=1'],
  ['a value outside of an enumeration', '/search?q=shoes1&page=77'],
  ['a parameter that the page never had', '/search?q=shoes1&page=1&debug=1'],
  ['a missing parameter', '/search?q=shoes1'],
  ['parameters in another order', '/search?page=1&q=shoes1'],
])('finds odd: %s', (_, target) => {
  const usual = judged(searches, { target: '/search?q=shoes1&page=1' }, 'parameter_oddity')
  expect(judged(searches, { target }, 'parameter_oddity')).toBeGreaterThan(usual + 2)
})

test('a parameter that was seen twice accuses nobody', () => {
  expect(judged(searches.slice(0, 2), { target: "/search?q=a'b&page=9" }, 'parameter_oddity')).toBeLessThan(12)
  expect(judged(searches.slice(0, 2), { target: "/search?q=a'b&page=9" }, 'parameter_oddity')).toBeLessThan(
    judged(searches, { target: "/search?q=a'b&page=9" }, 'parameter_oddity'),
  )
})

test('rates, errors, novelty and gaps are those of the client', () => {
  const at = (second: number, target: string, status = 200, client = '192.0.2.1') => ({
    target,
    status,
    client,
    time: START + second * 1000,
  })
  const requests = [at(0, '/a'), at(1, '/b', 404), at(2, '/b'), at(3, '/c', 200, '192.0.2.2'), at(602, '/a')]
  expect(column(requests, 'client_gap').map(Math.expm1).map(Math.round)).toEqual([0, 1, 1, 0, 600])
  expect(column(requests, 'client_error_share')[2]).toBeCloseTo(1 / 3)
  expect(column(requests, 'client_novelty')[2]).toBeCloseTo(2 / 3)
  const burst = column(requests, 'client_burst').map(Math.expm1)
  expect(burst[2]).toBeGreaterThan(2.9)
  expect(burst[4]).toBeLessThan(1.01)
})

test('what is asked often is less rare than what was never asked', () => {
  const normal = Array.from({ length: 50 }, () => ({ target: '/home', method: 'GET', status: 200 }))
  for (const name of ['endpoint_rarity', 'method_rarity', 'status_rarity', 'agent_rarity'] as const) {
    const known = judged(normal, normal[0], name)
    expect(
      judged(normal, { target: '/x', method: 'TRACE', status: 500, userAgent: 'sqlmap/1.0' }, name),
    ).toBeGreaterThan(known + 2)
  }
})

const request = fc.record({
  target: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.webUrl({ withQueryParameters: true }),
    fc.constant(`/?${'a=1&'.repeat(500)}`),
  ),
  method: fc.constantFrom('GET', 'POST', '', 'é'),
  client: fc.constantFrom('192.0.2.1', '2001:db8::1', ''),
  userAgent: fc.string({ maxLength: 30 }),
  status: fc.constantFrom(0, 200, 404, 999),
  bytes: fc.constantFrom(-1, 0, 1e12),
  time: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 2e12 })),
})

test('whatever a request holds, its row is finite', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
      const { data } = new HttpExtractor(new HttpProfiles()).extract(
        httpBlock(requests),
        new Uint8Array(requests.length),
      )
      expect([...data].every(Number.isFinite)).toBe(true)
    }),
  )
})

test('rows do not depend on where blocks begin and end, nor on what is remembered of targets', () => {
  const profiles = new HttpProfiles()
  new HttpExtractor(profiles).extract(httpBlock(searches), new Uint8Array(searches.length))
  const frozen = () => {
    const restored = HttpProfiles.restore(profiles.snapshot())
    restored.freeze()
    return new HttpExtractor(restored)
  }
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (requests, size) => {
        const stream = [...requests, ...requests, ...requests]
        const whole = frozen().extract(httpBlock(stream)).data
        const parts = frozen()
        const rows: number[] = []
        for (let at = 0; at < stream.length; at += size) {
          const block = httpBlock(stream.slice(at, at + size))
          rows.push(...parts.extract(block).data.subarray(0, block.count * COLUMNS))
        }
        expect(rows).toEqual([...whole])
      },
    ),
    { numRuns: 30 },
  )
})
