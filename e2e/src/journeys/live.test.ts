/** Live authorization, as `npm start` has it on: a change reaches a page that keeps its access token. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectMessage, granted, logIn, openAdminPage, refused } from './client.ts'
import { changeRole } from './management.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test(
  'a role that is taken and given back takes effect at the next call, without a reload and a log-out',
  limit,
  async (t) => {
    const { page } = visitor
    const { client_url, api_url, users } = system.lab
    const refusals: string[] = []
    page.on('response', (response) => {
      if (response.url().startsWith(api_url) && response.status() >= 400)
        refusals.push(`${response.status()} ${response.headers()['www-authenticate'] ?? ''}`)
    })
    /** Opens the admin page again, until it shows this. The page stays the same document. */
    const expectAtNextCall = (message: object) =>
      expect(async () => {
        await page.getByRole('link', { name: 'Protected' }).click()
        await openAdminPage(page)
        const shown = page.getByRole('region', { name: 'Admin Message' }).locator('pre')
        expect(JSON.parse((await shown.textContent({ timeout: 5_000 })) ?? '')).toEqual(message)
      }).toPass({ timeout: 30_000 })

    await logIn(page, client_url, users.admin)
    await openAdminPage(page)
    await expectMessage(page, 'Admin Message', granted)
    await page.evaluate(() => Object.assign(globalThis, { isSameDocument: true }))
    t.after(() => changeRole(system.lab, users.admin.email, 'POST'))

    await changeRole(system.lab, users.admin.email, 'DELETE')
    await expectAtNextCall(refused)
    assert.ok(refusals.some((one) => one.includes('error="invalid_token", reason="authorization_changed"')))

    await changeRole(system.lab, users.admin.email, 'POST')
    await expectAtNextCall(granted)
    assert.ok(
      refusals.some(
        (one) => one.includes('error="insufficient_scope"') && one.includes('reason="authorization_changed"'),
      ),
    )
    assert.equal(await page.evaluate(() => Reflect.get(globalThis, 'isSameDocument')), true)
    await expect(page.getByRole('button', { name: 'Log Out' })).toBeVisible()
  },
)
