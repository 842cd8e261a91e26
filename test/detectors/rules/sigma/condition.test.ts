import { describe, expect, it } from 'vitest'
import { parseSigma } from '../../../../src/detectors/rules/sigma/parse.ts'
import { matches, ruleOf } from './matches.ts'

const SEARCHES = 'sel_a: {a: 1}\nsel_b: {b: 1}\nfilter_c: {c: 1}\n_hidden: {d: 1}\n'

/** Letters of the fields that are 1 in the event. */
function holds(condition: string, letters: string): boolean {
  const event = Object.fromEntries([...'abcd'].map((letter) => [letter, letters.includes(letter) ? 1 : 0]))
  return matches(ruleOf(`${SEARCHES}condition: ${condition}`), event)
}

describe('a condition', () => {
  it.each([
    ['sel_a', ['a'], ['b']],
    ['sel_a and sel_b', ['ab'], ['a', 'b']],
    ['sel_a or sel_b', ['a', 'b'], ['c']],
    ['not sel_a', ['b', ''], ['a']],
    ['sel_a or sel_b and filter_c', ['a', 'bc'], ['b', 'c']],
    ['(sel_a or sel_b) and not filter_c', ['a', 'b'], ['ac', 'c']],
    ['not sel_a and sel_b', ['b'], ['ab', '']],
    ['1 of sel_*', ['a', 'b'], ['c']],
    ['all of sel_*', ['ab'], ['a']],
    ['any of sel_*', ['b'], ['c']],
    ['2 of sel_*', ['ab'], ['a']],
    ['1 of them', ['a', 'c'], ['d', '']],
    ['all of them', ['abc', 'abcd'], ['ab']],
    ['1 of sel_* and not 1 of filter_*', ['a'], ['ac']],
    ['1 of *_a', ['a'], ['b']],
    ['sel_a AND NOT filter_c', ['a'], ['ac']],
    ['[sel_a, sel_b]', ['a', 'b'], ['c']],
    ['1 of _hidden', ['d'], ['a']],
  ])('%s', (condition, yes, no) => {
    for (const letters of yes) expect(holds(condition, letters), letters).toBe(true)
    for (const letters of no) expect(holds(condition, letters), letters).toBe(false)
  })

  it.each([
    ['sel_x', /"sel_x" is not a search identifier/],
    ['sel_a and', /ends too early/],
    ['(sel_a', /parenthesis is not closed/],
    ['sel_a sel_b', /"sel_b" is not expected here/],
    ['1 of x*', /matches no search identifier/],
    ['9 of them', /is impossible/],
    [`${'('.repeat(200)}sel_a${')'.repeat(200)}`, /nested too deeply/],
  ])('is refused with a reason: %s', (condition, reason) => {
    expect(() => parseSigma(ruleOf(`${SEARCHES}condition: ${condition}`), 'test.yml')).toThrow(reason)
  })
})

describe('a search identifier', () => {
  it('is a conjunction as a map, a disjunction as a list of maps', () => {
    const list = ruleOf('s: [{a: 1, b: 1}, {c: 1}]\ncondition: s')
    expect(matches(list, { a: 1, b: 1, c: 0 })).toBe(true)
    expect(matches(list, { a: 1, b: 0, c: 0 })).toBe(false)
    expect(matches(list, { a: 0, b: 0, c: 1 })).toBe(true)
  })

  it('looks for keywords in the whole event, for any of them or with all for each', () => {
    const any = ruleOf('k: [evil, "bad*thing"]\ncondition: k')
    expect(matches(any, { m: 'an EVIL word' })).toBe(true)
    expect(matches(any, { m: 'a bad old thing' })).toBe(true)
    expect(matches(any, { m: 'good' })).toBe(false)
    const all = ruleOf('k:\n  "|all": [evil, word]\ncondition: k')
    expect(matches(all, { m: 'an evil word' })).toBe(true)
    expect(matches(all, { m: 'an evil deed' })).toBe(false)
    expect(matches(ruleOf("k:\n  '|re': ['ev.l']\ncondition: k"), { m: 'so evil' })).toBe(true)
  })
})
