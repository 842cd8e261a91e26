import { expect, it } from 'vitest'
import { type HttpBlock, SliceColumn } from '../../../src/core/columns/block.ts'
import { Dictionary } from '../../../src/core/columns/dictionary.ts'
import { RulesDetector } from '../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../src/detectors/rules/loading/load.ts'
import { requestBlock } from '../../../src/detectors/rules/selftest/events.ts'

const shipped = loadRules(['config/rules'])
const ATTACK = '/item?id=1+union+select+1,2,3'

const blockOf = (targets: readonly string[]): HttpBlock => requestBlock(targets.map((target) => ({ target })))

/** The same block with its targets numbered, as parsing does. */
function numbered(block: HttpBlock, dictionary: Dictionary): HttpBlock {
  const { source, starts, ends, ascii } = block.target
  const ids = dictionary.encode(source.bytes, starts, ends)
  return { ...block, target: new SliceColumn(source, starts, ends, ascii, ids) }
}

const matched = (scores: Float32Array) => Array.from(scores, (score) => !Number.isNaN(score))

it('judges a target alike, numbered or not, the first time and again', () => {
  const rules = new RulesDetector(shipped)
  const dictionary = new Dictionary()
  const long = `/${'a'.repeat(2000)}?id=1+union+select+1,2,3`
  const block = blockOf(['/a', ATTACK, '/a', ATTACK, long, long])
  const wanted = [false, true, false, true, true, true]
  for (let round = 0; round < 3; round++) {
    expect(matched(rules.score(numbered(block, dictionary)))).toEqual(wanted)
    expect(matched(rules.score(block))).toEqual(wanted)
  }
})

it('forgets what a number stood for when the numbers begin anew', () => {
  const rules = new RulesDetector(shipped)
  for (const [first, second] of [
    ['/a', ATTACK],
    [ATTACK, '/a'],
  ]) {
    // Each dictionary gives its first text the same number.
    expect(matched(rules.score(numbered(blockOf([first]), new Dictionary())))).toEqual([first === ATTACK])
    expect(matched(rules.score(numbered(blockOf([second]), new Dictionary())))).toEqual([second === ATTACK])
  }
})

it('goes on judging when a column has more texts than are kept', () => {
  const rules = new RulesDetector(shipped)
  const dictionary = new Dictionary()
  for (let from = 0; from < 140_000; from += 20_000) {
    const targets = Array.from({ length: 20_000 }, (_, i) =>
      i % 5000 === 7 ? `${ATTACK}${from + i}` : `/p/${from + i}`,
    )
    const block = numbered(blockOf(targets), dictionary)
    expect(matched(rules.score(block)).filter(Boolean)).toHaveLength(4)
  }
})
