import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyBatch, fillBatch, piecesOf } from '../../../../src/detectors/transformer/sessions/packing.ts'
import { windowOf } from '../../../../src/detectors/transformer/sessions/windows.ts'

const sizes = fc
  .tuple(fc.integer({ min: 2, max: 70 }), fc.integer({ min: 1, max: 69 }))
  .filter(([context, overlap]) => overlap < context)

describe('windows over a session', () => {
  it('show every token at least `overlap` predecessors, or all there are, and never more than the context', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 500 }), ([context, overlap], place) => {
        const { start, from } = windowOf(place, context, overlap)
        const seen = place - start
        expect(seen).toBeLessThanOrEqual(context)
        expect(start === 0 || seen > overlap).toBe(true)
        expect(from).toBeLessThanOrEqual(place)
        // The token before `from` belongs to an earlier window.
        if (from > 1) expect(windowOf(from - 1, context, overlap).start).toBeLessThan(start)
      }),
    )
  })

  it('predict each token of a session exactly once, in order', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 2, max: 300 }), ([context, overlap], length) => {
        const session = Int32Array.from({ length }, (_, i) => i)
        const predicted = piecesOf(session, context, overlap).flatMap(({ tokens, from }) => [...tokens.slice(from + 1)])
        expect(predicted).toEqual([...session.slice(1)])
      }),
    )
  })
})

describe('packing', () => {
  it('keeps every counted prediction, each in a segment of its own piece', () => {
    const sessions = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 40 }), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(sessions, (sessions) => {
        const context = 16
        const pieces = sessions.flatMap((session) => piecesOf(Int32Array.from(session), context, 8))
        const expected = sessions.flatMap((session) => session.slice(1)).sort()
        const predicted: number[] = []
        const batch = emptyBatch(3, context)
        for (let next = 0; next < pieces.length; ) {
          const taken = fillBatch(batch, context, pieces, next, (piece, offset) => {
            const { tokens } = pieces[piece]
            const segment = batch.segments.slice(offset, offset + tokens.length - 1)
            expect(new Set(segment).size).toBe(1)
            expect(batch.segments.filter((one) => one === segment[0]).length).toBe(tokens.length - 1)
            expect(offset % context).toBeLessThanOrEqual(context - (tokens.length - 1))
          })
          expect(taken).toBeGreaterThan(0)
          batch.targets.forEach((target, i) => {
            if (batch.counted[i] === 1) predicted.push(target)
          })
          next += taken
        }
        expect(predicted.sort()).toEqual(expected)
      }),
    )
  })
})
