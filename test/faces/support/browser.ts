import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Chromium as the system has it; tests that need it skip where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
export const WITHOUT_BROWSER = CHROMIUM ? false : 'no Chromium on this machine: apt-get install chromium'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openBrowser(): Promise<{ browser: Browser; close(): Promise<void> }> {
  const downloads = mkdtempSync(join(tmpdir(), 'oddline-chromium-'))
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, downloadsPath: downloads })
  return {
    browser,
    close: async () => {
      await browser.close()
      rmSync(downloads, { recursive: true, force: true })
    },
  }
}

/** A page that notes what it asks of the network beside its own address, and what it throws. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; foreign: string[]; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const foreign: string[] = []
  const errors: string[] = []
  const home = url.startsWith('file:') ? 'file:' : new URL(url).origin
  page.on('request', (request) => {
    if (!request.url().startsWith(home) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(url)
  return { page, foreign, errors }
}

/** Faults of accessibility that axe-core calls serious or critical, in words. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe lives in the page, where its types are not.
    const found = await (globalThis as any).axe.run()
    return found.violations as { id: string; impact: string; help: string; nodes: { html: string }[] }[]
  })
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}, such as ${nodes[0].html.slice(0, 160)})`)
}
