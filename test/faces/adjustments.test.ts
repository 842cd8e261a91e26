import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdLearning } from '../../src/control/learning.ts'
import { makeApi, type TestApi } from './support/api.ts'
import { makeFinding } from './support/findings.ts'
import { recordBatch } from './support/state.ts'

let api: TestApi
const scanner = makeFinding({ address: '198.51.100.7', line: 1, detectors: ['rules'] })
const attack = makeFinding({ address: '203.0.113.9', line: 2 })

beforeEach(async () => {
  api = await makeApi()
  recordBatch(api.state.db, 'b1', [scanner, attack])
})
afterEach(async () => {
  await api.close()
  expect(api.failures).toEqual([])
})

// biome-ignore lint/suspicious/noExplicitAny: answers are compared.
async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object): Promise<any> {
  const response = await api.app.inject({ method, url, payload })
  return { status: response.statusCode, ...(response.body && response.json()) }
}
const judge = ({ event }: typeof scanner, verdict: string) => ask('PUT', `/findings/${event.id}/verdict`, { verdict })

describe('what verdicts lead to', () => {
  it('is proposed, tried, applied and taken back', async () => {
    await judge(scanner, 'benign')
    const { proposals } = await ask('GET', '/adjustments')
    expect(proposals).toMatchObject([
      { id: `allow-${scanner.event.id}`, adjustment: { kind: 'allow', client: '198.51.100.7' } },
    ])
    const wanted = { proposals: [proposals[0].id] }
    expect(await ask('POST', '/adjustments/backtest', wanted)).toMatchObject({
      findings: 2,
      suppressed: { benign: 1, true_positive: 0 },
      lost_hits: [],
    })
    const { status, ids } = await ask('POST', '/adjustments', { ...wanted, days: 7 })
    expect(status).toBe(201)
    expect(await ask('GET', '/adjustments')).toMatchObject({
      items: [{ id: ids[0], author: 'local', ended: null, expires: '2026-04-06T12:00:00.000Z' }],
      proposals: [],
    })
    expect((await ask('DELETE', `/adjustments/${ids[0]}`)).status).toBe(204)
    expect((await ask('DELETE', `/adjustments/${ids[0]}`)).status).toBe(404)
  })

  it('ends with the verdict that it came from', async () => {
    await judge(scanner, 'benign')
    await ask('POST', '/adjustments', { proposals: [`allow-${scanner.event.id}`] })
    await ask('DELETE', `/findings/${scanner.event.id}/verdict`)
    expect((await ask('GET', '/adjustments')).items[0].ended).not.toBeNull()
  })

  it('is refused where it would lose what was called an attack, unless somebody insists', async () => {
    await judge(attack, 'true_positive')
    const adjustment = { kind: 'allow', rules: ['web-sqli-tautology'], client: '203.0.113.0/24' }
    const wide = { adjustment: { ...adjustment, rules: undefined } }
    expect(await ask('POST', '/adjustments', wide)).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect((await ask('POST', '/adjustments', { ...wide, anyway: true })).status).toBe(201)
  })

  it.each([
    [{ proposals: ['allow-none'] }, 404],
    [{ adjustment: { kind: 'allow', client: 'no network' } }, 400],
    [{ adjustment: { kind: 'allow' } }, 400],
    [{}, 400],
    [{ proposals: [], adjustment: { kind: 'allow', client: '192.0.2.1' } }, 400],
  ])('refuses %j with %i', async (body, status) => {
    expect((await ask('POST', '/adjustments', body)).status).toBe(status)
    expect((await ask('POST', '/adjustments/backtest', body)).status).toBe(status)
  })

  it('is counted by rule and model', async () => {
    await judge(scanner, 'false_positive')
    await judge(attack, 'true_positive')
    const { items } = await ask('GET', '/verdicts/precision')
    const rule = items.find((one: { rule: string }) => one.rule === 'web-sqli-tautology')
    expect(rule).toMatchObject({ findings: 2, precision: 0.5 })
    expect(rule.interval[0]).toBeLessThan(0.5)
  })
})

describe('orders to the learning', () => {
  it('are taken by any process, and shown', async () => {
    expect((await ask('GET', '/models')).learning).toMatchObject({ frozen: false, drift: null })
    expect(await ask('POST', '/models/freeze')).toMatchObject({ status: 'accepted', frozen: true })
    expect((await ask('GET', '/models')).learning.frozen).toBe(true)
    expect(await ask('POST', '/models/resume')).toMatchObject({ frozen: false })
    holdLearning(api.state.db, true)
    expect(await ask('POST', '/models/retrain')).toMatchObject({ phase: 'warmup', frozen: true })
  })

  it('go back to no version that there is not', async () => {
    expect((await ask('POST', '/models/rollback', { version: 3 })).status).toBe(404)
  })
})
