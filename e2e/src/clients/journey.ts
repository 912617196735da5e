/** The tutorial's story with a client application. */
import assert from 'node:assert/strict'
import {
  atPage,
  atProfileOf,
  dropServerCookies,
  expectMessage,
  granted,
  logIn,
  logOut,
  openAdminPage,
  refused,
  reloadWithExpiredToken,
  submitCredentials,
} from '../journeys/client.ts'
import { changeRole } from '../journeys/management.ts'
import { expect, type Visitor } from '../journeys/visitor.ts'
import type { RunningClient, Stand } from './stand.ts'

export interface Journey {
  /** A sentence that states what is so. */
  name: string
  take(visitor: Visitor, client: RunningClient, stand: Stand): Promise<void>
}

export const journeys: Journey[] = [
  {
    name: 'a person signs up, is refused the admin message, and logs out',
    async take({ page }, { name, url }) {
      const email = `${name}@example.com`
      await page.goto(url)
      await page.getByRole('button', { name: 'Sign Up' }).click()
      await atPage(page, 'Sign Up')
      await submitCredentials(page, { email, password: 'a lantern on the 3rd bridge' })
      await atProfileOf(page, { email })
      await openAdminPage(page)
      await expectMessage(page, 'Admin Message', refused)
      await page.getByRole('link', { name: 'Protected' }).click()
      await expectMessage(page, 'Protected Message', { text: 'This is a protected message.' })
      await logOut(page, url)
    },
  },
  {
    name: 'an admin reads the admin message, after a reload too, until the role is taken away',
    async take({ page, context }, { url }, { lab }) {
      const { email } = lab.users.admin
      await logIn(page, url, lab.users.admin)
      await openAdminPage(page)
      await expectMessage(page, 'Admin Message', granted)
      // Over https the client is on another site than the authorization server.
      if (lab.issuer.startsWith('https:')) await dropServerCookies(context)
      await reloadWithExpiredToken(page)
      await expectMessage(page, 'Admin Message', granted)
      await changeRole(lab, email, 'DELETE')
      try {
        await reloadWithExpiredToken(page)
        await expectMessage(page, 'Admin Message', refused)
      } finally {
        await changeRole(lab, email, 'POST')
      }
    },
  },
  {
    name: 'a guarded page requests a log-in, comes back, and uses the session of another tab, where a picture that cannot be loaded is an initial',
    async take({ page, context }, { url }, { lab }) {
      await page.goto(`${url}/protected`)
      await atPage(page, 'Log In')
      await submitCredentials(page, lab.users.member)
      await expectMessage(page, 'Protected Message', { text: 'This is a protected message.' })
      const second = await context.newPage()
      await second.route('**/*', (route) =>
        route.request().resourceType() === 'image' ? route.abort() : route.fallback(),
      )
      await second.goto(`${url}/profile`)
      await atProfileOf(second, lab.users.member)
      await expect(second.locator('.portrait')).toHaveText('M')
    },
  },
  {
    name: 'a cancelled log-in, a page that does not exist and a page that fails say so in words',
    async take(visitor, { url }) {
      const { page } = visitor
      await page.goto(url)
      await page.getByRole('button', { name: 'Log In' }).click()
      await atPage(page, 'Log In')
      const state = new URL(page.url()).searchParams.get('state')
      const description = encodeURIComponent('User did not authorize the request')
      await page.goto(`${url}/callback?error=access_denied&error_description=${description}&state=${state}`)
      await expect(page.getByRole('alert')).toContainText('The log-in was cancelled')
      await atPage(page, 'Log-in not completed')
      await page.goto(`${url}/no/such/page`)
      await atPage(page, 'Not Found')
      await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
      await page.addInitScript(failToPrintJson)
      await page.goto(`${url}/public`)
      await atPage(page, 'This page failed')
      await expect(page.getByRole('alert')).toContainText('JSON is not printed')
    },
  },
  {
    name: 'no page has a flaw that axe finds',
    async take(visitor, { url }) {
      const { page } = visitor
      await page.goto(`${url}/public`)
      await expectMessage(page, 'Public Message', { text: 'This is a public message.' })
      assert.deepEqual(await visitor.accessibilityFlaws(), [])
    },
  },
]

/** Runs in the browser: the code that shows JSON throws, as a mistake in it would. */
export function failToPrintJson(): void {
  JSON.stringify = new Proxy(JSON.stringify, {
    apply(stringify, self, args: unknown[]) {
      if (args[2] === 2) throw new Error('JSON is not printed')
      return Reflect.apply(stringify, self, args)
    },
  })
}
