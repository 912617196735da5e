import { existsSync } from 'node:fs'
import { after, afterEach, before, beforeEach } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from '@playwright/test'

const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Gives every test of the calling file a new page, in one Chromium. */
export function useBrowser() {
  let browser: Browser
  let page: Page
  let complaints: string[]

  before(async () => {
    browser = await chromium.launch({
      // Without it, Playwright's download is used.
      ...(existsSync(chromiumPath) && { executablePath: chromiumPath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic'],
    })
  })
  after(() => browser.close())

  beforeEach(async () => {
    const context = await browser.newContext()
    page = await context.newPage()
    page.setDefaultTimeout(10_000)
    complaints = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  })
  afterEach(() => page.context().close())

  return {
    get page() {
      return page
    },
    /** Script errors, violations of the page's policy, failed requests. */
    get complaints() {
      return complaints
    },
    /** Violations that axe finds on the page, each with the element concerned. */
    async accessibilityFlaws() {
      const { violations } = await new AxeBuilder({ page }).analyze()
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    },
  }
}
