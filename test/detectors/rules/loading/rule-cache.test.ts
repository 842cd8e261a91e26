import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RulesDetector } from '../../../../src/detectors/rules/detector.ts'
import { loadRules } from '../../../../src/detectors/rules/loading/load.ts'
import { RuleCache } from '../../../../src/detectors/rules/loading/rule-cache.ts'
import { requestBlock } from '../../../../src/detectors/rules/selftest/events.ts'

const NUMBERS = `title: Numbers
id: numbers
logsource: {category: webserver}
detection:
  selection: {cs-uri: [00429, 0x17]}
  condition: selection
`

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'oddline-rules-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

function written(directories: readonly string[]): string {
  const path = join(directoryOf({}), 'rules.cache')
  const cache = new RuleCache()
  loadRules(directories, { cache })
  cache.write(path)
  return path
}

const targets = ['/', '/00429', '/429', '429', '00429', '/?id=1+union+select+1', '/../../etc/passwd']
const scoresOf = (directories: readonly string[], cache?: RuleCache) =>
  new RulesDetector(loadRules(directories, { cache })).score(requestBlock(targets.map((target) => ({ target }))))

describe('the cache of rules', () => {
  it('gives rules that judge as those of the files do', () => {
    const directories = ['config/rules', directoryOf({ 'numbers.yml': NUMBERS })]
    const cache = RuleCache.read(written(directories))
    expect(cache.documents(NUMBERS)).toHaveLength(1)
    expect(scoresOf(directories, cache)).toEqual(scoresOf(directories, new RuleCache()))
    expect(loadRules(directories, { cache }).pipelines).toEqual(loadRules(directories).pipelines)
  })

  it('knows nothing of a file that changed, nor of one with a fault', () => {
    const cache = RuleCache.read(written(['config/rules']))
    const changed = directoryOf({ 'own.yml': NUMBERS.replace('numbers', 'others') })
    expect(loadRules([changed], { cache }).rules[0].id).toBe('others')
    const wrong = directoryOf({ 'own.yml': NUMBERS.replace('condition: selection', 'condition: nothing') })
    for (const _ of [1, 2]) expect(() => loadRules([wrong], { cache })).toThrow(/nothing/)
  })

  it('is as new when its file is damaged or not there', () => {
    const path = written([directoryOf({ 'numbers.yml': NUMBERS })])
    const text = readFileSync(path, 'utf8')
    for (const damaged of [text.replace('Numbers', 'Nombres'), text.slice(0, -9), '', '\n{}']) {
      writeFileSync(path, damaged)
      expect(RuleCache.read(path).documents(NUMBERS)).toBeUndefined()
    }
    expect(RuleCache.read(join(path, 'nowhere')).documents(NUMBERS)).toBeUndefined()
  })

  it('does not keep what JSON cannot say', () => {
    const cache = new RuleCache()
    cache.keep('a', [{ level: Number.POSITIVE_INFINITY }])
    cache.keep('b', [{ at: new Date(0) }])
    cache.keep('c', [{ list: [1, 'x', null, true] }])
    expect(['a', 'b', 'c'].map((text) => cache.documents(text) !== undefined)).toEqual([false, false, true])
  })
})
