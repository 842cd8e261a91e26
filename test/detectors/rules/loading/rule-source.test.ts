import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OddlineError } from '../../../../src/core/errors.ts'
import { ruleDirectories } from '../../../../src/detectors/rules/loading/rule-files.ts'
import { RuleSource } from '../../../../src/detectors/rules/loading/rule-source.ts'

const rule = (id: string) =>
  `title: ${id}\nid: ${id}\nlogsource: {category: webserver}\ndetection:\n  selection: {cs-uri: '*${id}*'}\n  condition: selection\n`

function directoryWith(id: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'oddline-rules-'))
  writeFileSync(join(directory, 'own.yml'), rule(id))
  return directory
}

const idsOf = (source: RuleSource) => source.current.rules.map(({ id }) => id)

describe('RuleSource', () => {
  it('has the shipped rules and those of the operator', () => {
    const { current } = new RuleSource(ruleDirectories({ shipped: true, dirs: [directoryWith('mine')] }))
    expect(current.rules.length).toBeGreaterThan(30)
    expect(current.rules.at(-1)?.id).toBe('mine')
  })

  it('reads the rules again only when a file has changed, come or gone', () => {
    const directory = directoryWith('one')
    const source = new RuleSource([directory])
    expect(source.refresh()).toBeUndefined()

    writeFileSync(join(directory, 'more.yaml'), rule('two'))
    expect(source.refresh()?.rules.map(({ id }) => id)).toEqual(['two', 'one'])

    writeFileSync(join(directory, 'own.yml'), rule('uno'))
    utimesSync(join(directory, 'own.yml'), 1, 1)
    source.refresh()
    expect(idsOf(source)).toEqual(['two', 'uno'])

    rmSync(join(directory, 'more.yaml'))
    source.refresh()
    expect(idsOf(source)).toEqual(['uno'])
    expect(source.refresh()).toBeUndefined()
  })

  it('keeps the last good rules while a file is broken, says so once, and takes it in when it is mended', () => {
    const directory = directoryWith('good')
    const source = new RuleSource([directory])

    writeFileSync(join(directory, 'own.yml'), 'title: [broken\n')
    expect(() => source.refresh()).toThrow(OddlineError)
    expect(source.refresh()).toBeUndefined()
    expect(idsOf(source)).toEqual(['good'])

    writeFileSync(join(directory, 'own.yml'), rule('mended'))
    source.refresh()
    expect(idsOf(source)).toEqual(['mended'])
  })

  it('keeps the last good rules when their directory vanishes', () => {
    const directory = directoryWith('good')
    const source = new RuleSource([directory])
    rmSync(directory, { recursive: true })
    expect(() => source.refresh()).toThrow(/are invalid/)
    expect(idsOf(source)).toEqual(['good'])
  })
})
