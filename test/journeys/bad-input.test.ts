import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { lockState } from '../../src/store/lock.ts'
import { ordinaryLines, SQLI } from '../support/access-lines.ts'
import { oddline } from '../support/cli.ts'
import { tempDir } from '../support/temp.ts'
import { summaryOf, workplace } from '../support/workplace.ts'

test('an empty directory gets a clear message and exit 0', async () => {
  const { code, stdout } = await oddline(workplace(), 'run', '--once')
  expect(code).toBe(0)
  expect(stdout).toMatch(/No log files found/)
})

test('a directory that is not there is said, and is no clean exit', async () => {
  const { code, stdout, stderr } = await oddline(tempDir(), 'run', '--once', '--log-dir', 'nowhere')
  expect(stdout + stderr).toMatch(/nowhere/)
  expect(code).toBe(5)
})

test('a corrupt gzip, a binary file and a directory named like a log are said and counted; the others are read', async () => {
  const dir = workplace({
    'good.log': ordinaryLines(50),
    'corrupt.log.gz': Buffer.concat([gzipSync(ordinaryLines(3000)).subarray(0, 2000), Buffer.alloc(500, 7)]),
    'picture.log': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256)),
    'secret.log': 'Salted__0123456789',
    'empty.log': '',
  })
  mkdirSync(join(dir, 'logs/folder.log'))
  const { code, summary } = await summaryOf(dir)
  expect(code).toBe(5)
  const problems = summary.problems.map(
    ({ path, kind }: { path: string; kind: string }) => `${path.split('/').at(-1)} ${kind}`,
  )
  expect(problems.sort()).toEqual(['corrupt.log.gz corrupt_gzip', 'picture.log binary', 'secret.log encrypted'])
  const good = summary.files.find((file: { path: string }) => file.path.endsWith('good.log'))
  expect(good.parsed).toBe(50)
})

test('a file that is no log is skipped and said once, shown in the status, and no failure', async () => {
  const picture = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256))
  const dir = workplace({
    'good.log': ordinaryLines(50),
    'picture.log': picture,
    'old.log.xz': Buffer.from('\xfd7zXZ\0rest', 'latin1'),
  })
  const first = await summaryOf(dir)
  expect([first.code, first.summary.problems.map(({ kind }: { kind: string }) => kind).sort()]).toEqual([
    0,
    ['binary', 'unsupported_compression'],
  ])
  const second = await oddline(dir, 'run', '--once')
  expect([second.code, second.stdout]).toEqual([0, expect.not.stringMatching(/picture|old\.log/)])
  const { stdout } = await oddline(dir, 'status')
  expect(stdout).toMatch(/Skipped {3}2 files that are no logs/)
  expect(stdout).toMatch(/old\.log\.xz: it is compressed with xz/)
  expect(stdout).toMatch(/all read to the end/)
})

test('lines around a hole of NUL bytes are read once, and the hole is rejected with its reason', async () => {
  const dir = workplace({
    'access.log': `${ordinaryLines(1)}${'\0'.repeat(100_000)}${ordinaryLines(3)}192.0.2.1 - - [${'\0'.repeat(4_096)}${ordinaryLines(20)}`,
  })
  const { summary, code } = await summaryOf(dir)
  expect([code, summary.parsed, summary.rejected]).toEqual([0, 24, 3])
  const rejects = readFileSync(join(dir, summary.folder, 'rejects.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(
    rejects.map((line) => JSON.parse(line)).map(({ length, reason }) => [length, /NUL bytes/.test(reason)]),
  ).toEqual([
    [100_000, true],
    [15, false],
    [4_096, true],
  ])
})

test('a line beyond the limit is cut, marked and counted; its neighbours are read', async () => {
  const long = `192.0.2.1 - - [10/May/2026:10:00:00 +0000] "GET /${'a'.repeat(5_000_000)} HTTP/1.1" 200 1 "-" "-"\n`
  const { code, summary } = await summaryOf(workplace({ 'access.log': ordinaryLines(20) + long + ordinaryLines(20) }))
  expect(code).toBe(0)
  expect([summary.lines, summary.truncated]).toEqual([41, 1])
})

test('lines that do not parse are kept with file, offset and reason', async () => {
  const dir = workplace({ 'access.log': `${ordinaryLines(30)}this is no access log line\n${ordinaryLines(1)}` })
  const { summary } = await summaryOf(dir)
  expect(summary.rejected).toBe(1)
  const reject = JSON.parse(readFileSync(join(dir, summary.folder, 'rejects.jsonl'), 'utf8'))
  const offset = Buffer.byteLength(ordinaryLines(30))
  expect(reject).toMatchObject({ line: 31, offset, text: 'this is no access log line' })
  expect(reject.reason).toBeTruthy()
  expect(reject.file).toMatch(/access\.log$/)
})

test('a wrong configuration is refused whole: exit 2, and nothing is touched', async () => {
  const dir = workplace({ 'access.log': `${SQLI}\n` })
  writeFileSync(join(dir, 'oddline.yaml'), 'logs: {dri: logs}\ndetection: {contamination: 7}\n')
  const { code, stderr } = await oddline(dir, 'run', '--once')
  expect(code).toBe(2)
  expect(stderr).toMatch(/Did you mean `dir`/)
  expect(stderr).toMatch(/contamination/)
  expect(readdirSync(dir).sort()).toEqual(['logs', 'oddline.yaml'])
})

test('a wrong rule of the operator is refused also where there is nothing to read, and said once it was good', async () => {
  const dir = workplace()
  const rule = join(dir, 'rules/own.yml')
  mkdirSync(join(dir, 'rules'))
  writeFileSync(join(dir, 'oddline.yaml'), 'detection: {rules: {dirs: [rules]}}\n')
  const codes: (number | null)[] = []
  for (const title of ['[wrong', 'Good', 'Good', '[wrong']) {
    const detection = "detection:\n  selection: {cs-uri: '/mine'}\n  condition: selection\n"
    writeFileSync(rule, `title: ${title}\nlogsource: {category: webserver}\n${detection}`)
    const { code, stdout, stderr } = await oddline(dir, 'run', '--once')
    expect(/own\.yml/.test(stdout + stderr)).toBe(title === '[wrong')
    codes.push(code)
  }
  // The last valid rules are kept with the state.
  expect(codes).toEqual([2, 0, 0, 0])
  for (const kept of ['rules.checked', 'rules.kept']) writeFileSync(join(dir, 'state', kept), 'damaged')
  expect((await oddline(dir, 'run', '--once')).code).toBe(2)
})

test('a log directory that was emptied is told as such, and what comes after it is read', async () => {
  const dir = workplace({ 'access.log': ordinaryLines(10) })
  expect((await summaryOf(dir)).summary.lines).toBe(10)
  rmSync(join(dir, 'logs/access.log'))
  expect((await oddline(dir, 'run', '--once')).stdout).toMatch(/No log files found/)
  writeFileSync(join(dir, 'logs/other.log'), `${ordinaryLines(4, 20)}${SQLI}\n`)
  expect((await summaryOf(dir)).summary).toMatchObject({ lines: 5, findings: { total: 1 } })
})

test('a state directory that another process holds is refused: exit 3, and nothing is read', async () => {
  const dir = workplace({ 'access.log': `${SQLI}\n` })
  const lock = lockState(join(dir, 'state'))
  const { code, stderr } = await oddline(dir, 'run', '--once')
  lock.release()
  expect(code).toBe(3)
  expect(stderr).toMatch(/in use by another oddline/)
})

test('a database locked at commit is loud: exit 4, nothing half-written, and the next run finds all of it', async () => {
  const dir = workplace({ 'access.log': ordinaryLines(10) })
  await oddline(dir, 'run', '--once')
  appendFileSync(join(dir, 'logs/access.log'), `${SQLI}\n`)
  const db = openDatabase(join(dir, 'state'))
  db.exec('BEGIN IMMEDIATE')
  const { code, stderr } = await oddline(dir, 'run', '--once')
  db.exec('ROLLBACK')
  db.close()
  expect(code).toBe(4)
  expect(stderr).toMatch(/locked by another process/)
  expect((await summaryOf(dir)).summary).toMatchObject({ lines: 1, findings: { total: 1 } })
})

test('results that cannot be written are loud: exit 4, and the next run finds all of it', async () => {
  const dir = workplace({ 'access.log': `${SQLI}\n` })
  writeFileSync(join(dir, 'batch_outputs'), 'a file where a folder should be')
  const { code, stderr } = await oddline(dir, 'run', '--once')
  expect(code).toBe(4)
  expect(stderr).toMatch(/Cannot write the results/)
  expect((await summaryOf(dir, '--output-dir', 'elsewhere')).summary.findings.total).toBe(1)
})
