import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BATCH_DONE, start } from '../support/cli.ts'
import { results, workplace } from '../support/workplace.ts'

const rule = (path: string) => `title: Visit of ${path}
id: mine
level: high
logsource: {category: webserver}
detection:
  selection: {cs-uri-stem: ${path}}
  condition: selection
`
const request = (path: string) =>
  `203.0.113.1 - - [25/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n`

test('rules that change are taken before the next batch; a broken file is told and the last good ones stay', async () => {
  const dir = workplace({ 'access.log': request('/one') })
  mkdirSync(join(dir, 'own'))
  const write = (content: string) => writeFileSync(join(dir, 'own/mine.yml'), content)
  const visit = (path: string) => appendFileSync(join(dir, 'logs/access.log'), request(path))
  write(rule('/one'))
  writeFileSync(
    join(dir, 'oddline.yaml'),
    'schedule: {watch_settle_seconds: 0.1, watch_min_interval_seconds: 0}\ndetection: {rules: {dirs: [own], shipped: false}}\n',
  )
  const { child, ended, logged } = start(dir, ['run', '--watch'])
  /** What the first so many batches have found. */
  const found = async (batches: number): Promise<string[]> => {
    await logged(BATCH_DONE, batches)
    const files = results(dir).map((name) => join(dir, 'batch_outputs', name, 'findings.jsonl'))
    const lines = files.filter(existsSync).flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    return lines.map((line) => JSON.parse(line).rule.name)
  }
  await found(1)
  write(rule('/second'))
  visit('/second')
  expect(await found(2)).toContain('Visit of /second')
  const told = logged(/containz/)
  write(rule('/third').replace('cs-uri-stem', 'cs-uri-stem|containz'))
  visit('/second')
  await told
  expect((await found(3)).filter((name) => name === 'Visit of /second')).toHaveLength(2)
  write(rule('/third'))
  visit('/third')
  expect(await found(4)).toContain('Visit of /third')
  child.kill('SIGINT')
  expect((await ended).code).toBe(0)
})
