import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PathShapes, UNKNOWN_SHAPE } from '../../src/templates/path-shapes.ts'

function shape(path: string): string {
  const shapes = new PathShapes()
  return shapes.text(shapes.shapeOf(path, 0, path.length))
}

test.each([
  ['/', '/'],
  ['/users/42/edit', '/users/<num>/edit'],
  ['/a/550e8400-e29b-41d4-a716-446655440000', '/a/<uuid>'],
  ['/commit/9f86d081884c7d65', '/commit/<hex>'],
  ['/2026-01-05/report', '/<date>/report'],
  ['/v1.2.3/docs', '/v1.2.3/docs'],
  ['/1.2.3/docs', '/<num>/docs'],
  ['/images/2009/banner.png', '/images/<num>/<file>.png'],
  ['/login.php', '/login.php'],
  ['/blog/how-to-bake-bread', '/blog/<slug>'],
  ['/blog/how-to-bake-bread.html', '/blog/<slug>.html'],
  ['/order/XK1234567', '/order/<id>'],
  ['/x/%2e%2e%2fetc', '/x/<odd>'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/<rest>'],
  ['http://elsewhere/', '<no path>'],
  ['', '<no path>'],
])('%s has the shape %s', (path, expected) => {
  expect(shape(path)).toBe(expected)
})

test('a place that takes too many words takes values: later ones share a shape', () => {
  const shapes = new PathShapes()
  const ids = Array.from({ length: 300 }, (_, i) => {
    const path = `/people/${String.fromCharCode(97 + (i % 26))}${'xyz'.repeat(1 + Math.floor(i / 26) / 3)}q${'m'.repeat(i % 11)}${'n'.repeat(Math.floor(i / 11))}`
    return shapes.shapeOf(path, 0, path.length)
  })
  expect(shapes.text(ids.at(-1)!)).toMatch(/^\/people\/(<\*>|<long>)$/)
  expect(shapes.size).toBeLessThan(130)
})

test('frozen, an unknown path is the unknown shape', () => {
  const shapes = new PathShapes()
  shapes.shapeOf('/known/1', 0, 8)
  shapes.freeze()
  expect(shapes.text(shapes.shapeOf('/known/2', 0, 8))).toBe('/known/<num>')
  expect(shapes.shapeOf('/other/2', 0, 8)).toBe(UNKNOWN_SHAPE)
})

test('restored shapes go on as the ones they were taken from, and stay within their capacity', () => {
  const segment = fc.constantFrom('a', 'b', 'shop', '17', 'x.png', 'y.php', 'deadbeef01', '%00', '')
  const path = fc.array(segment, { maxLength: 10 }).map((segments) => `/${segments.join('/')}`)
  fc.assert(
    fc.property(fc.array(path, { maxLength: 50 }), fc.array(path, { maxLength: 50 }), (first, second) => {
      const one = new PathShapes(20)
      for (const text of first) one.shapeOf(text, 0, text.length)
      const other = PathShapes.restore(structuredClone(one.snapshot()), 20)
      for (const text of second) expect(other.shapeOf(text, 0, text.length)).toBe(one.shapeOf(text, 0, text.length))
      expect(one.size).toBeLessThanOrEqual(20)
    }),
  )
})
