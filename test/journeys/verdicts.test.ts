import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { oddline } from '../support/cli.ts'
import { summaryOf, workplace } from '../support/workplace.ts'

const attack = (n: number) =>
  `203.0.113.9 - - [05/Jan/2026:12:00:0${n} +0000] "GET /item?id=1%27%20UNION%20SELECT%20${n}%20FROM%20users--%20 HTTP/1.1" 200 512 "-" "curl/8"\n`

test('a finding that is called benign is allowed after a backtest, and found again after it is taken back', async () => {
  const dir = workplace({ 'access.log': attack(1) })
  const next = (n: number) => appendFileSync(join(dir, 'logs/access.log'), attack(n))
  const found = async () => (await summaryOf(dir)).summary.findings.total as number
  expect(await found()).toBe(1)
  const listed = await oddline(dir, 'verdicts', 'backtest', '--client', '203.0.113.9', '--json')
  const [{ event }] = JSON.parse(listed.stdout).examples
  const marked = await oddline(dir, 'verdicts', 'mark', event.id, 'benign', '--reason', 'our own scanner')
  expect([marked.code, marked.stderr]).toEqual([0, ''])
  expect((await oddline(dir, 'verdicts', 'precision')).stdout).toMatch(/SQL.*1 +0 +0 +1 +0 % \(0-79\)/)
  const proposed = (await oddline(dir, 'verdicts', 'propose')).stdout
  expect(proposed).toContain(`allow-${event.id}`)
  expect((await oddline(dir, 'verdicts', 'backtest')).stdout).toContain('Spared    0 true, 0 false, 1 benign')
  next(2)
  expect(await found()).toBe(1)

  const applied = await oddline(dir, 'verdicts', 'apply', `allow-${event.id}`, '--for', '90d')
  expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('Adjustment 1')])
  next(3)
  const { summary } = await summaryOf(dir)
  expect([summary.findings.total, summary.adjusted]).toEqual([0, { suppressed: 1, weakened: 0 }])
  expect((await oddline(dir, 'verdicts', 'adjustments')).stdout).toMatch(/1 +allow rule .*our own scanner/s)

  expect((await oddline(dir, 'verdicts', 'revert', '1')).code).toBe(0)
  next(4)
  expect(await found()).toBe(1)
  expect((await oddline(dir, 'verdicts', 'adjustments')).stdout).toBe('No adjustments.\n')
})

test('what would lose a hit is not applied, unless it is insisted on', async () => {
  const dir = workplace({ 'access.log': attack(1) + attack(2) })
  await summaryOf(dir)
  const listed = await oddline(dir, 'verdicts', 'backtest', '--client', '203.0.113.9', '--json')
  const [one, other] = JSON.parse(listed.stdout).examples
  await oddline(dir, 'verdicts', 'mark', one.event.id, 'true')
  await oddline(dir, 'verdicts', 'mark', other.event.id, 'benign')
  const refused = await oddline(dir, 'verdicts', 'apply')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(one.event.id)])
  expect((await oddline(dir, 'verdicts', 'apply', '--anyway')).code).toBe(0)
})
