// `npm run screenshots:clients -w e2e -- <folder> [client …]`: takes a picture of each page of the clients, to look at:
// light, dark, and as wide as a telephone.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { clientNames } from '../../../scripts/start/clients.ts'
import { atPage, logIn, submitCredentials } from '../journeys/client.ts'
import { launchBrowser } from '../journeys/visitor.ts'
import { failToPrintJson } from './journey.ts'
import { type RunningClient, type Stand, startStand } from './stand.ts'

const [folder = 'pictures', ...wanted] = process.argv.slice(2)
const names = wanted.length > 0 ? wanted : [...clientNames]

const stand = await startStand(names)
const browser = await launchBrowser()
try {
  for (const name of names) await takePictures(browser, await stand.client(name), stand)
} finally {
  await browser.close()
  await stand.close()
}

async function takePictures(from: Browser, { name, url }: RunningClient, { lab }: Stand): Promise<void> {
  await mkdir(join(folder, name), { recursive: true })
  for (const width of [1280, 390])
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await from.newContext({ viewport: { width, height: 800 }, colorScheme })
      const page = await context.newPage()
      const look = async (subject: string) => {
        await page.mouse.move(width - 1, 799)
        const path = join(folder, name, `${subject}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, animations: 'disabled' })
        const used = await page.locator('html').evaluate((html) => html.scrollWidth)
        if (used > width) console.log(`${path} is ${used} pixels wide.`)
      }
      await page.goto(url)
      await page.getByRole('button', { name: 'Log In' }).waitFor()
      await look('home')
      await page.goto(`${url}/public`)
      await answered(page)
      await look('public')
      await cancelLogIn(page, url, look)
      await logIn(page, url, lab.users.admin)
      await look('profile')
      for (const subject of ['protected', 'admin']) {
        await page.goto(`${url}/${subject}`)
        await answered(page)
        await look(subject)
      }
      await page.route('**/api/messages/*', (route) => route.abort())
      await page.goto(`${url}/protected`)
      await page.getByRole('alert').waitFor()
      await look('no-api')
      await page.unroute('**/api/messages/*')
      await page.goto(`${url}/no/such/page`)
      await atPage(page, 'Not Found')
      await page.getByRole('button', { name: 'Log Out' }).waitFor()
      await look('not-found')
      await context.clearCookies()
      await page.goto(`${url}/admin`)
      await atPage(page, 'Log In')
      await submitCredentials(page, lab.users.member)
      await answered(page)
      await look('admin-refused')
      await page.addInitScript(failToPrintJson)
      await page.goto(`${url}/public`)
      await atPage(page, 'This page failed')
      await look('failed')
      await context.close()
    }
  console.log(join(folder, name))
}

async function cancelLogIn(page: Page, url: string, look: (subject: string) => Promise<void>): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: 'Log In' }).click()
  await atPage(page, 'Log In')
  await look('log-in')
  const state = new URL(page.url()).searchParams.get('state')
  const description = encodeURIComponent('User did not authorize the request')
  await page.goto(`${url}/callback?error=access_denied&error_description=${description}&state=${state}`)
  await page.getByRole('alert').waitFor()
  await look('cancelled')
}

/** Waits for the answer of the API. */
async function answered(page: Page): Promise<void> {
  await page.locator('.status').waitFor()
}
