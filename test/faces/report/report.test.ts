import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { batchReport, periodReport } from '../../../src/faces/report/model.ts'
import { reportHtml } from '../../../src/faces/report/page.ts'
import { CHROMIUM, openBrowser, openPage, seriousFaults } from '../support/browser.ts'
import { HOSTILE_LINES, makeFinding, NOON } from '../support/findings.ts'
import { makeState, recordBatch, type TestState } from '../support/state.ts'

const HOUR = 3_600_000
let state: TestState
beforeEach(() => {
  state = makeState()
})
afterEach(() => state.remove())

function hostileReport(): string {
  const findings = HOSTILE_LINES.map((raw, i) =>
    makeFinding({
      raw,
      line: i + 1,
      message: `High: ${raw}`,
      address: raw,
      path: raw,
      attack: raw,
      at: NOON + i * HOUR,
    }),
  )
  recordBatch(state.db, 'b1', findings, {
    totals: {
      files: [
        {
          path: HOSTILE_LINES[0],
          format: 'access',
          lines: 7,
          parsed: 7,
          rejected: 0,
          skipped: 0,
          truncated: 0,
          findings: 7,
        },
      ],
    },
  })
  const rejects = HOSTILE_LINES.map((text, line) => ({ file: text, line, offset: 0, length: 1, reason: text, text }))
  return reportHtml(batchReport(state.db, 'b1', { now: NOON, rejects }))
}

describe('the HTML report', () => {
  it('says what happened in three sentences', () => {
    recordBatch(state.db, 'b1', [makeFinding({ severity: 'critical' }), makeFinding({ severity: 'high', line: 2 })], {
      lines: 9000,
    })
    const page = reportHtml(batchReport(state.db, 'b1', { now: NOON }))
    expect(page).toContain('Oddline read 9,000 lines')
    expect(page).toContain('2 findings in 1 incident came of it: 1 critical and 1 high.')
    expect(page).toContain('Look first at this one, critical: sqli from 203.0.113.9.')
  })

  it('says so where nothing was found', () => {
    recordBatch(state.db, 'b1', [], { lines: 12 })
    expect(reportHtml(batchReport(state.db, 'b1', { now: NOON }))).toContain('Nothing odd was found.')
  })

  it('covers only the period that is asked for', () => {
    recordBatch(state.db, 'b1', [
      makeFinding({ at: NOON - 48 * HOUR, raw: 'old line' }),
      makeFinding({ at: NOON, raw: 'new line' }),
    ])
    const page = reportHtml(periodReport(state.db, NOON - 24 * HOUR, NOON + HOUR, { now: NOON }))
    expect(page).toContain('1 finding ')
  })

  it('shows hostile lines as text with their invisible characters as escapes', () => {
    const page = hostileReport()
    expect(page).toContain('&lt;script&gt;document.body.dataset.owned')
    expect(page).toContain('user\\u202egnp.exe')
    expect(page).toContain('\\u001b[31mred')
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })
})

describe.skipIf(!CHROMIUM)('the HTML report in Chromium (skipped where there is none)', () => {
  let browser: Browser
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await openBrowser()
    browser = opened.browser
    close = opened.close
  })
  afterAll(() => close())

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'opens from disk %s at %i pixels: no serious fault of accessibility, nothing run, nothing fetched',
    async (colorScheme, width) => {
      const file = join(state.dir, 'report.html')
      writeFileSync(file, hostileReport())
      const { page, foreign, errors } = await openPage(browser, pathToFileURL(file).href, {
        colorScheme,
        viewport: { width, height: 900 },
      })
      for (const summary of await page.locator('details > summary').all()) await summary.click()
      await page.waitForSelector('#timeline canvas')
      expect(await seriousFaults(page)).toEqual([])
      expect(await page.evaluate('document.body.dataset.owned')).toBeUndefined()
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect(await page.locator('[src], [href], iframe, object, form').count()).toBe(0)
      expect(foreign).toEqual([])
      expect(errors).toEqual([])
      await page.context().close()
    },
  )

  it('opens an incident by keyboard', async () => {
    const file = join(state.dir, 'report.html')
    writeFileSync(file, hostileReport())
    const { page } = await openPage(browser, pathToFileURL(file).href)
    const first = page.locator('details.incident').first()
    await first.locator('summary').focus()
    await page.keyboard.press('Enter')
    expect(await first.evaluate((node) => (node as unknown as { open: boolean }).open)).toBe(true)
    await page.context().close()
  })
})
