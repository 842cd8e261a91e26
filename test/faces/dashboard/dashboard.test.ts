import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeApi, type TestApi } from '../support/api.ts'
import { CHROMIUM, openBrowser, openPage, seriousFaults } from '../support/browser.ts'
import { HOSTILE_LINES, makeFinding, NOON } from '../support/findings.ts'
import { recordBatch } from '../support/state.ts'

let api: TestApi
let browser: Browser
let close: () => Promise<void>

async function serve(options: Parameters<typeof makeApi>[0] = {}): Promise<string> {
  api = await makeApi({ now: NOON + 3_600_000, ...options })
  const findings = HOSTILE_LINES.map((raw, i) =>
    makeFinding({
      raw,
      line: i + 1,
      message: `High: ${raw}`,
      address: raw,
      path: raw,
      attack: raw,
      at: NOON + i * 60_000,
    }),
  )
  recordBatch(api.state.db, 'b1', [...findings, makeFinding({ line: 99, severity: 'critical' })], { lines: 9000 })
  api.state.db
    .prepare(
      `INSERT INTO dead_letters (sink, seq, reason, detail, attempts, died_at) VALUES ('slack', 1, 'invalid_event', ?, 3, ?)`,
    )
    .run(HOSTILE_LINES[0], NOON)
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`
}

describe.skipIf(!CHROMIUM)('the dashboard in Chromium (skipped where there is none)', () => {
  beforeAll(async () => {
    const opened = await openBrowser()
    browser = opened.browser
    close = opened.close
  })
  afterAll(() => close?.())
  afterEach(async () => {
    await api.close()
    expect(api.failures).toEqual([])
  })

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('shows hostile lines as harmless text in every view, %s at %i pixels', async (colorScheme, width) => {
    const home = await serve()
    for (const view of ['', 'incidents', 'lines', 'operate']) {
      const { page, foreign, errors } = await openPage(browser, `${home}/ui/#/${view}`, {
        colorScheme,
        viewport: { width, height: 900 },
      })
      await page.waitForSelector(view === 'lines' ? '.line' : '.card, .incident')
      for (const summary of (await page.locator('details > summary').all()).slice(0, 9)) await summary.click()
      if (view !== 'operate') await page.waitForSelector('.finding')
      expect(await seriousFaults(page), view).toEqual([])
      expect(await page.evaluate('document.body.dataset.owned'), view).toBeUndefined()
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), view).toBe(true)
      expect(await page.locator('main').textContent(), view).not.toMatch(/[\u001b\u202e]/)
      expect(foreign).toEqual([])
      expect(errors).toEqual([])
      await page.context().close()
    }
  })

  it('records a verdict and takes it back', async () => {
    const home = await serve()
    const { page } = await openPage(browser, `${home}/ui/#/incidents`)
    await page.locator('details.incident > summary').first().click()
    const pressed = page.locator('.incident[open] .verdict[aria-pressed="true"]')
    await page.getByRole('button', { name: 'False alarm' }).click()
    await pressed.waitFor()
    expect(api.state.db.prepare('SELECT verdict FROM verdicts').pluck().all()).toEqual(['false_positive'])
    await pressed.click()
    await pressed.waitFor({ state: 'detached' })
    expect(api.state.db.prepare('SELECT verdict FROM verdicts').all()).toEqual([])
    await page.context().close()
  })

  it('applies what a verdict proposes, takes it back, and steers the learning', async () => {
    const home = await serve()
    const [id] = api.state.db.prepare(`SELECT id FROM findings WHERE severity = 'critical'`).pluck().all()
    await api.app.inject({ method: 'PUT', url: `/findings/${id}/verdict`, payload: { verdict: 'benign' } })
    const { page } = await openPage(browser, `${home}/ui/#/operate`)
    await page.getByRole('button', { name: 'Try on the past' }).click()
    await page.getByText('findings it would').waitFor()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByRole('button', { name: 'Apply' }).waitFor()
    expect(api.state.db.prepare('SELECT ended_at IS NOT NULL FROM adjustments').pluck().all()).toEqual([1])
    await page.getByRole('button', { name: 'Freeze learning' }).click()
    await page.getByRole('button', { name: 'Resume learning' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.context().close()
  })

  it('shows the last traffic that there is where the period has none', async () => {
    const home = await serve({ now: NOON + 40 * 86_400_000 })
    const { page } = await openPage(browser, `${home}/ui/`)
    await page.getByText('where the logs end').waitFor()
    await page.context().close()
  })

  it('replays a dead letter', async () => {
    const home = await serve()
    const { page } = await openPage(browser, `${home}/ui/#/operate`)
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    await page.getByText('Everything was taken').waitFor()
    expect(api.state.db.prepare('SELECT sink, seq FROM outbox').all()).toEqual([{ sink: 'slack', seq: 1 }])
    await page.context().close()
  })

  it('asks for a key where the API wants one', async () => {
    const sha256 = createHash('sha256').update('the-key').digest('hex')
    const home = await serve({ api: { key_sha256: sha256 } })
    const { page } = await openPage(browser, `${home}/ui/`)
    await page.getByLabel('API key').fill('the-key')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Open incidents' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.context().close()
  })

  it('shows an incident that opens while it is watched', async () => {
    const home = await serve({ now: undefined })
    const { page } = await openPage(browser, `${home}/ui/#/incidents`)
    await page.getByText('live', { exact: false }).first().waitFor()
    await page.waitForSelector('.dot.up')
    recordBatch(api.state.db, 'b2', [
      makeFinding({ line: 500, address: '198.51.100.200', attack: 'xss', at: NOON + 7_200_000 }),
    ])
    await page.getByText('198.51.100.200').first().waitFor()
    await page.context().close()
  })
})
