import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { displaced, forget } from '../../../src/detectors/transformer/training/augment.ts'
import { BOS, EOS, FIRST_TEMPLATE, UNK, Vocabulary } from '../../../src/detectors/transformer/vocabulary.ts'

describe('a vocabulary', () => {
  const sequences = [Int32Array.of(7, 7, 7, 100), Int32Array.of(100, 3, 9)]

  it('gives the most frequent templates a token, the lower id first among equals', () => {
    const vocabulary = Vocabulary.of(sequences, 3)
    expect(vocabulary.templates).toEqual([7, 100, 3])
    expect(vocabulary.size).toBe(FIRST_TEMPLATE + 3)
  })

  it('takes rare, later and unheard-of templates for unknown', () => {
    const vocabulary = Vocabulary.of(sequences, 10, 2)
    expect([3, 9, -1, 12345].map((template) => vocabulary.token(template))).toEqual([UNK, UNK, UNK, UNK])
  })

  it('gives back the template of a token, and none for a special one', () => {
    const vocabulary = Vocabulary.of(sequences, 10)
    expect(vocabulary.template(vocabulary.token(100))).toBe(100)
    expect(vocabulary.template(EOS)).toBeUndefined()
  })
})

describe('augmentation', () => {
  const session = fc
    .array(fc.integer({ min: FIRST_TEMPLATE, max: 20 }), { minLength: 1, maxLength: 30 })
    .map((steps) => Int32Array.of(BOS, ...steps, EOS))

  it('moves templates without losing or inventing any, and leaves both ends where they are', () => {
    fc.assert(
      fc.property(session, fc.nat(), (tokens, seed) => {
        const moved = displaced(tokens, 0.5, seeded(seed))
        expect([...moved].sort()).toEqual([...tokens].sort())
        expect([moved[0], moved.at(-1)]).toEqual([BOS, EOS])
      }),
    )
  })

  it('leaves the order alone when nothing is to move', () => {
    const tokens = Int32Array.of(BOS, 5, 6, 7, EOS)
    expect(displaced(tokens, 0, seeded(1))).toEqual(tokens)
  })

  it('forgets templates and never the special tokens', () => {
    const tokens = Int32Array.of(BOS, 5, 6, EOS)
    forget(tokens, 1, seeded(1))
    expect(tokens).toEqual(Int32Array.of(BOS, UNK, UNK, EOS))
  })
})
