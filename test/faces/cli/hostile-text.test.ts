import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveVerdict } from '../../../src/store/verdicts.ts'
import { HOSTILE_LINES, makeFinding, NOON } from '../support/findings.ts'
import { makeState, recordBatch, type TestState } from '../support/state.ts'

const MAIN = join(import.meta.dirname, '../../../dist/src/main.js')
/** What a terminal obeys: controls but the line break, and what turns or hides text. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u

let state: TestState
beforeAll(() => {
  state = makeState()
  const findings = HOSTILE_LINES.map((raw, line) =>
    makeFinding({ raw, line, address: raw, path: raw, message: raw, attack: raw, at: Date.now() - 60_000 }),
  )
  recordBatch(state.db, 'b1', findings, {
    totals: { problems: HOSTILE_LINES.map((raw) => ({ path: raw, kind: 'unreadable', detail: raw })) },
  })
  for (const [i, { event }] of findings.entries())
    saveVerdict(state.db, {
      finding: event.id,
      verdict: 'benign',
      reason: HOSTILE_LINES[i],
      author: HOSTILE_LINES[i],
      at: NOON,
    })
  state.db
    .prepare(`INSERT INTO dead_letters (sink, seq, reason, detail, attempts, died_at) VALUES ('s', 1, 'x', ?, 1, ?)`)
    .run(HOSTILE_LINES.join(' '), NOON)
})
afterAll(() => state.remove())

describe.skipIf(!existsSync(MAIN))('text of attackers in a terminal (skipped where the program is not built)', () => {
  it.each([
    ['incidents', 'list'],
    ['status'],
    ['report', '--format', 'md'],
    ['dead-letters', 'list'],
    ['verdicts', 'list'],
    ['verdicts', 'propose'],
    ['verdicts', 'precision'],
  ])('%s %s shows as harmless text', (...command) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [MAIN, ...command, '--state-dir', state.dir], {
      cwd: state.dir,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout.length).toBeGreaterThan(20)
    expect(stdout).not.toMatch(OBEYED)
  })

  it('shows in a Markdown report as code that it cannot close', () => {
    const { stdout } = spawnSync(process.execPath, [MAIN, 'report', '--format', 'md', '--state-dir', state.dir], {
      cwd: state.dir,
      encoding: 'utf8',
    })
    // Without its code spans and blocks nothing of a tag, a link or an image is left.
    const prose = stdout.replace(/^(`{3,})[^`]*\n[\s\S]*?^\1$/gm, '').replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '')
    expect(prose).not.toMatch(/<script|<img|\]\(javascript|[^\\]!\[x\]/)
  })
})
