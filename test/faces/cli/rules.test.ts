import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { oddline } from '../../support/cli.ts'
import { summaryOf, workplace } from '../../support/workplace.ts'

const SECRET = `title: My secret page
id: mine
level: high
logsource: {category: webserver}
detection:
  selection: {cs-uri-stem: /secret}
  condition: selection
tests:
  match: [/secret]
  quiet: [/public]
`
const WAITING = `title: Administrator at the gate
id: waits
logsource: {category: authentication}
detection:
  selection: {user|expand: '%Administrators%'}
  condition: selection
`

/** A workplace with rules of its own and this configuration of them. */
function house(settings: string, files: Readonly<Record<string, string>> = { 'mine.yml': SECRET }): string {
  const dir = workplace({ 'access.log': ['203.0.113.1', '10.1.1.1'].map(request).join('') })
  mkdirSync(join(dir, 'own'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, 'own', name), content)
  writeFileSync(join(dir, 'oddline.yaml'), `detection:\n  rules:\n    dirs: [own]\n    shipped: false\n${settings}`)
  return dir
}

const request = (client: string) =>
  `${client} - - [25/Nov/2026:10:00:00 +0000] "GET /secret HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n`

describe('oddline rules', () => {
  test('lists rules with the level and state that the operator gave them', async () => {
    const files = { 'mine.yml': SECRET, 'waits.yml': WAITING }
    const raised = house('    overrides: {mine: {level: critical}}\n', files)
    const { stdout } = await oddline(raised, 'rules', 'list')
    expect(stdout).toMatch(/^critical +mine +My secret page$/m)
    expect(stdout).toMatch(/^waiting +waits +Administrator at the gate \(needs rules.placeholders: Administrators\)$/m)
    const off = house('    overrides: {mine: {enabled: false}}\n    placeholders: {Administrators: [ann]}\n', files)
    const lines = (await oddline(off, 'rules', 'list', '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: 'mine', enabled: false },
      { id: 'waits', level: 'medium', waits_for: [] },
    ])
  })

  test('says which settings name no rule, and which directory is not there', async () => {
    const dir = house('    overrides: {gone: {enabled: false}}\n')
    expect((await oddline(dir, 'rules', 'list')).stderr).toContain(
      "The configuration names gone, which is no rule's id",
    )
    const { code, stderr } = await oddline(dir, 'rules', 'list', '--rules', 'nowhere')
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('nowhere: this file or directory of rules does not exist'),
    ])
  })

  test('counts the findings of each rule, which an allow-list makes fewer', async () => {
    const dir = house('')
    expect((await summaryOf(dir)).summary.findings.total).toBe(2)
    expect((await oddline(dir, 'rules', 'list')).stdout).toContain('My secret page (2 findings)')
    const allowing = house('    allow: [{client: 10.0.0.0/8, expires: 2026-12-31, reason: our own scanner}]\n')
    expect((await summaryOf(allowing)).summary.findings.total).toBe(1)
    const expired = house('    allow: [{client: 10.0.0.0/8, expires: 2026-11-01, reason: our own scanner}]\n')
    expect((await summaryOf(expired)).summary.findings.total).toBe(2)
  })

  test('runs the tests that rules carry, and fails where one does not come out', async () => {
    expect(await oddline(house(''), 'rules', 'test')).toMatchObject({ code: 0, stdout: '2 tests, 0 failed\n' })
    const wrong = house('', { 'mine.yml': SECRET.replace('quiet: [/public]', 'quiet: [/secret]') })
    const { code, stdout } = await oddline(wrong, 'rules', 'test')
    expect(code).toBe(1)
    expect(stdout).toContain('My secret page (own/mine.yml) fired on /secret')
  })

  test('explains a line of a log and a bare request, and says what is only counted', async () => {
    const dir = house('')
    const ask = (...args: string[]) => oddline(dir, 'rules', 'explain', ...args)
    expect((await ask(request('203.0.113.1').trim())).stdout).toBe(
      'high          My secret page [mine]\n    cs-uri-stem: /secret\n',
    )
    expect((await ask('/secret')).stdout).toContain('[mine]')
    expect((await ask('POST /public HTTP/1.1')).stdout).toBe('No rule matches this line.\n')
    const failed = 'Mar 27 13:06:56 web1 sshd[1]: Failed password for root from 203.0.113.1 port 22 ssh2'
    const shipped = await oddline(workplace(), 'rules', 'explain', failed)
    expect(shipped.stdout).toMatch(/^counted +Failed login .*\n +towards: Brute force of logins from one address/)
    const { code, stderr } = await ask('hello')
    expect([code, stderr]).toEqual([
      4,
      expect.stringContaining('give a whole line of a log, or a request such as /path'),
    ])
  })

  test('names every broken file at once and touches nothing', async () => {
    const broken = { 'a.yml': SECRET.replace('cs-uri-stem', 'cs-uri-stem|containz'), 'b.yml': 'title: [' }
    const { code, stderr } = await oddline(house('', broken), 'run', '--once')
    expect(code).toBe(2)
    expect(stderr).toContain('"containz" in "cs-uri-stem|containz" is not a supported Sigma modifier')
    expect(stderr).toContain('own/b.yml')
  })
})
