import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, afterEach, before, beforeEach } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import {
  expect as anyExpect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from '@playwright/test'

/** The timeout allows for a machine that is busy with other tests. */
export const expect = anyExpect.configure({ timeout: 15_000 })

const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const flags = ['no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking'].concat(
  'disable-component-update',
  'disable-sync',
  'disable-quic',
)

/** Launches the installed Chromium, or Playwright's download where none is installed. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(existsSync(chromiumPath) && { executablePath: chromiumPath }),
    args: flags.map((flag) => `--${flag}`),
  })
}

/** A browser context: a new one for each test, in one Chromium for the calling file. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Violations that axe finds on the current page, each with the element concerned. */
  accessibilityFlaws(): Promise<string[]>
}

/** Also fails each test after which a page has thrown an error or violated its Content-Security-Policy. */
export function useVisitor(options: BrowserContextOptions = {}): Visitor {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  beforeEach(async () => {
    complaints = []
    context = await browser.newContext(options)
    context.setDefaultTimeout(15_000)
    context.on('weberror', (error) => complaints.push(error.error().message))
    context.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text())
    })
    page = await context.newPage()
  })
  afterEach(async () => {
    await context.close()
    assert.deepEqual(complaints, [])
  })

  return {
    get page() {
      return page
    },
    get context() {
      return context
    },
    async accessibilityFlaws() {
      const { violations } = await new AxeBuilder({ page }).analyze()
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    },
  }
}
