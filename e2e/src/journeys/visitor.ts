import assert from 'node:assert/strict'
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
import { ensureBrowser } from '../../../scripts/test/browser.ts'

/** The timeout allows for a machine that is busy with other tests. */
export const expect = anyExpect.configure({ timeout: 15_000 })

const flags = ['no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking'].concat(
  'disable-component-update',
  'disable-sync',
  'disable-quic',
)

/** Launches the installed Chromium, which is installed first where there is none. */
export async function launchBrowser(moreFlags: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    args: [...flags, ...moreFlags].map((flag) => `--${flag}`),
  })
}

/** A browser context: a new one for each test, in one Chromium for the calling file. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors that pages threw, and what their Content-Security-Policy refused. */
  readonly complaints: string[]
  /**
   * Violations that axe finds on the current page, each with the element concerned.
   * @param within a selector: the rest of the page is left out
   */
  accessibilityFlaws(within?: string): Promise<string[]>
  /** The same, for the dark colour scheme and for those rules that depend on colours. */
  darkColorFlaws(within?: string): Promise<string[]>
}

export async function openVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const complaints: string[] = []
  const context = await browser.newContext(options)
  context.setDefaultTimeout(15_000)
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text())
  })
  const page = await context.newPage()
  // The legacy mode leaves out frames of other origins, which no page has, and the page it would open to join results.
  const axe = (within = 'html') => new AxeBuilder({ page }).setLegacyMode().include(within)
  return {
    page,
    context,
    complaints,
    accessibilityFlaws: (within) => flawsOf(axe(within)),
    async darkColorFlaws(within) {
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      try {
        await expect(page.locator('[data-mantine-color-scheme=light]')).toHaveCount(0)
        return await flawsOf(axe(within).withRules(['color-contrast', 'link-in-text-block']))
      } finally {
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
      }
    },
  }
}

async function flawsOf(builder: AxeBuilder): Promise<string[]> {
  const { violations } = await builder.analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** After each test, no page may have thrown an error or run into its own Content-Security-Policy. */
export function useVisitor(options: BrowserContextOptions = {}): Visitor {
  let browser: Browser
  let visitor: Visitor

  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  beforeEach(async () => {
    visitor = await openVisitor(browser, options)
  })
  afterEach(async () => {
    await visitor.context.close()
    assert.deepEqual(visitor.complaints, [])
  })

  return {
    get page() {
      return visitor.page
    },
    get context() {
      return visitor.context
    },
    get complaints() {
      return visitor.complaints
    },
    accessibilityFlaws: (within) => visitor.accessibilityFlaws(within),
    darkColorFlaws: (within) => visitor.darkColorFlaws(within),
  }
}
