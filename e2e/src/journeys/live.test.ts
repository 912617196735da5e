/**
 * Live authorization, as `npm start` has it on: a role that is taken away and given back in the dashboard reaches a page
 * that keeps its access token.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { loaded, openDashboard } from '../dashboard/dashboard.ts'
import { expectMessage, granted, logIn, openAdminPage, refused } from './client.ts'
import { startExpressApi } from './express-api.ts'
import { useSystem } from './system.ts'
import { expect, openVisitor, useVisitor, type Visitor } from './visitor.ts'

const limit = { timeout: 180_000 }

describe('on http', () => {
  const system = useSystem()
  const visitor = useVisitor()

  test('a role that is taken and given back takes effect at the next call, without a log-out', limit, (t) =>
    takeAndGiveBack(t, system.lab, visitor),
  )

  test('it does so at an API on Express', limit, async (t) => {
    await useExpressApi(t, system.lab, visitor)
    await takeAndGiveBack(t, system.lab, visitor)
  })
})

describe('on https', () => {
  const system = useSystem({}, ['--https'])
  const visitor = useVisitor({ ignoreHTTPSErrors: true })

  test('a role that is taken and given back takes effect at the next call too', limit, (t) =>
    takeAndGiveBack(t, system.lab, visitor, { ignoreHTTPSErrors: true }),
  )

  test('it does so at an API on Express too', limit, async (t) => {
    await useExpressApi(t, system.lab, visitor, join(system.dir, 'tls', 'ca.pem'))
    await takeAndGiveBack(t, system.lab, visitor, { ignoreHTTPSErrors: true })
  })
})

/** Sends what the client asks of its API to one on Express: the client is built with the address of the other. */
async function useExpressApi(
  t: TestContext,
  lab: ReturnType<typeof useSystem>['lab'],
  { page }: Visitor,
  authority?: string,
): Promise<void> {
  const api = await startExpressApi(lab, authority)
  t.after(() => api.close())
  await page.route(`${lab.api_url}/**`, (route) =>
    route.continue({ url: route.request().url().replace(lab.api_url, api.url) }),
  )
}

async function takeAndGiveBack(
  t: TestContext,
  lab: ReturnType<typeof useSystem>['lab'],
  { page, context }: Visitor,
  options: { ignoreHTTPSErrors?: boolean } = {},
): Promise<void> {
  const { client_url, users } = lab
  const refusals: string[] = []
  page.on('response', (response) => {
    if (new URL(response.request().url()).pathname.startsWith('/api/messages/') && response.status() >= 400)
      refusals.push(`${response.status()} ${response.headers()['www-authenticate'] ?? ''}`)
  })
  /** Opens the admin page again, until it shows this. The page stays the same document. */
  const expectAtNextCall = async (message: object, change: string) => {
    const changed = performance.now()
    await expect(async () => {
      await page.getByRole('link', { name: 'Protected' }).click()
      await openAdminPage(page)
      const shown = page.getByRole('region', { name: 'Admin Message' }).locator('pre')
      expect(JSON.parse((await shown.textContent({ timeout: 5_000 })) ?? '')).toEqual(message)
    }).toPass({ timeout: 30_000, intervals: [100] })
    t.diagnostic(`${change}: shown ${Math.round(performance.now() - changed)} ms after the dashboard said so`)
  }

  await logIn(page, client_url, users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
  await page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }))

  const browser = context.browser()
  assert.ok(browser, 'the context has a browser')
  const owner = await openVisitor(browser, options)
  t.after(() => owner.context.close())
  const dashboard = owner.page
  await openDashboard(dashboard, lab, users.owner, '/users')
  await dashboard.getByRole('link', { name: users.admin.email }).click()
  const tabs = dashboard.getByRole('navigation', { name: 'Parts of the user' })
  await tabs.getByRole('link', { name: 'Roles' }).click()
  await loaded(dashboard)

  await dashboard.getByRole('button', { name: `Take ${tutorial.role.name} away` }).click()
  const question = dashboard.getByRole('dialog')
  await expect(question).toContainText('1 user loses permissions.')
  await question.getByRole('button', { name: 'Take away' }).click()
  await expect(dashboard.getByText(`${tutorial.role.name} is taken away.`)).toBeVisible()
  await expectAtNextCall(refused, 'taken')
  assert.ok(refusals.some(saysChanged('invalid_token')), refusals.join('\n'))

  await dashboard.getByRole('button', { name: 'Assign roles' }).first().click()
  const picker = dashboard.getByRole('dialog')
  await picker.getByLabel(tutorial.role.name).check()
  await picker.getByRole('button', { name: 'Assign 1 role' }).click()
  await expect(dashboard.getByText('1 role is assigned.')).toBeVisible()
  await expectAtNextCall(granted, 'given')
  assert.ok(refusals.some(saysChanged('insufficient_scope')), refusals.join('\n'))
  assert.equal(await page.evaluate(() => Reflect.get(globalThis, 'isSameDocument')), true)
  await expect(page.getByRole('button', { name: 'Log Out' })).toBeVisible()
  assert.deepEqual(owner.complaints, [])
}

/** Whether a challenge has the error and says that the client should renew its token. */
const saysChanged = (error: string) => (challenge: string) =>
  challenge.includes(`error="${error}"`) && challenge.includes('reason="authorization_changed"')
