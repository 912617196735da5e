import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import { type Browser, chromium, type Page } from '@playwright/test'
import { ensureBrowser } from '../../../../../scripts/test/browser.ts'
import { createApplication } from '../../applications/applications.ts'
import type { Context } from '../../context.ts'
import { transaction } from '../../store/transaction.ts'

/** A real Chromium that sends requests to the test alone. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  })
}

/** Registers an application that people come back to, and answers as it. `arrivals` are the addresses that were opened. */
export async function applicationToReturnTo(t: TestContext, ctx: Context) {
  const arrivals: URL[] = []
  const server = createServer((request, response) => {
    arrivals.push(new URL(request.url ?? '', 'http://127.0.0.1'))
    response.setHeader('content-type', 'text/html').end('back at the application')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const callback = `http://127.0.0.1:${address.port}/callback`
  const { application } = await transaction(ctx, (tx) =>
    createApplication(tx, { name: 'Journey', app_type: 'spa', callbacks: [callback] }),
  )
  return { clientId: application.clientId, callback, arrivals }
}

export const arrived = (page: Page) => page.getByText('back at the application').waitFor()

/** Fields have the focus when their page opens, so that a person needs no mouse. */
export async function type(page: Page, heading: string, ...texts: string[]): Promise<void> {
  await page.getByRole('heading', { name: heading }).waitFor()
  for (const [index, text] of texts.entries()) {
    if (index > 0) await page.keyboard.press('Tab')
    await page.keyboard.type(text)
  }
  await page.keyboard.press('Enter')
}
