import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from '@playwright/test'
import Fastify from 'fastify'
import { pageAssets } from '../../pages/assets.ts'
import { keyScript, pageHeaders } from '../../pages/headers.ts'
import { gallery, usual } from './testing.ts'
import { launchBrowser } from './testing-browser.ts'

const long = {
  tenant: 'The Association for the Advancement of Remarkably Long Friendly Names',
  application: 'Application-with-a-name-that-offers-no-place-at-all-to-break-the-line',
  email: 'an.address.that.does.not.fit.into.its.field@department.subdomain.example.com',
  permission: 'read:everything-that-was-ever-written-down-in-the-archives-of-the-house',
}
const pages = Object.entries(gallery(usual))
const longPages = Object.entries(gallery(long)).map(([name, text]) => [`${name}, long names`, text] as const)

describe('the pages in a browser', () => {
  const app = Fastify()
  let browser: Browser
  let origin: string

  before(async () => {
    pageAssets(app)
    for (const [name, text] of [...pages, ...longPages])
      app.get(addressOf(name), (_request, reply) =>
        reply.headers(pageHeaders({ script: keyScript({ issuer: origin }) })).send(text),
      )
    origin = await app.listen({ host: '127.0.0.1', port: 0 })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await app.close()
  })

  for (const [colorScheme, width, rules] of [
    ['light', 1280, undefined],
    // The rules that depend on colours or on the layout: all others see the same page again.
    ['dark', 390, ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable']],
  ] as const)
    test(`are accessible in ${colorScheme} at a width of ${width}`, { timeout: 120_000 }, async () => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => {
        // A violated Content-Security-Policy says so here.
        if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
      })
      for (const [name] of pages) {
        await page.goto(origin + addressOf(name))
        // The legacy mode opens no page. It leaves out frames of other origins, and there is none.
        const axe = new AxeBuilder({ page }).setLegacyMode()
        const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze()
        for (const { id, nodes } of violations)
          complaints.push(`${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)
      }
      await context.close()
      assert.deepEqual(complaints, [])
    })

  test('fit into narrow windows, with long names too, down to 320 pixels (WCAG 1.4.10)', async () => {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
    const tooWide: string[] = []
    for (const [name] of [...pages, ...longPages]) {
      await page.goto(origin + addressOf(name))
      if (await overflows(page)) tooWide.push(name)
    }
    await page.close()
    assert.deepEqual(tooWide, [])
  })

  test('log-in begins in its first field, and the keyboard goes through the form and on to the links', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(origin + addressOf('login'))
    const order = ['email', 'password', 'Forgot password?', 'Continue', 'Sign Up']
    for (const [i, name] of order.entries()) {
      if (i > 0) await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      const label = i < 2 ? await focused.getAttribute('name') : await focused.textContent()
      assert.equal(label, name)
    }
    await context.close()
  })

  test('after a wrong password typing begins where the mistake can be mended', async () => {
    const page = await browser.newPage()
    await page.goto(origin + addressOf('login, wrong'))
    assert.equal(await page.locator(':focus').getAttribute('name'), 'password')
    assert.equal(await page.getByLabel('Email address').inputValue(), usual.email)
    await page.close()
  })
})

function addressOf(name: string): string {
  return `/${name.replaceAll(/\W+/g, '-')}`
}

async function overflows(page: Page): Promise<boolean> {
  const width = await page
    .locator('html')
    .evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth)
  return width > 0
}
