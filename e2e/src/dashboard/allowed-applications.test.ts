/** A user's consent, from the consent page to its removal in the dashboard. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorizationRequest } from '@rolecall/server/test-kit'
import { tutorial } from '@rolecall/server/tutorial'
import { submitCredentials } from '../journeys/client.ts'
import { createApplication } from '../journeys/management.ts'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test('the dashboard lists and removes what a user allowed an application', limit, async () => {
  const { page, context } = visitor
  const { issuer, client_url, audience, users } = system.lab
  const { client_id } = await createApplication(system.lab, {
    name: 'Partner application',
    app_type: 'spa',
    is_first_party: false,
    callbacks: [`${client_url}/public`],
  })
  const request = (params: Record<string, string> = {}) =>
    authorizationRequest({ issuer }, client_id, {
      redirect_uri: `${client_url}/public`,
      audience,
      scope: 'openid read:admin-messages',
      ...params,
    }).url
  await page.goto(request())
  await submitCredentials(page, users.member)
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await page.waitForURL(`${client_url}/public?code=*`)
  const askSilently = async () => {
    const answer = await context.request.get(request({ prompt: 'none' }), { maxRedirects: 0 })
    return new URL(answer.headers()['location'] ?? '', issuer).searchParams
  }
  assert.ok((await askSilently()).has('code'))

  const owner = await context.browser()!.newContext()
  const dashboard = await owner.newPage()
  await openDashboard(dashboard, system.lab, users.owner, '/users')
  await dashboard.getByRole('link', { name: users.member.email }).click()
  await dashboard.getByLabel('Parts of the user').getByRole('link', { name: 'Applications' }).click()
  const row = dashboard.getByRole('row', { name: /Partner application/ })
  await expect(row).toContainText(tutorial.api.name)
  await expect(row).toContainText('openid read:admin-messages')
  await row.getByRole('button', { name: 'Remove Partner application, Hello World API Server' }).click()
  await dashboard.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(dashboard.getByText('This user has allowed no application.')).toBeVisible()
  assert.equal((await askSilently()).get('error'), 'consent_required')

  // The permission form refuses a scope of OpenID Connect, with the reason at the field.
  await goTo(dashboard, system.lab, '/apis')
  await dashboard.getByRole('link', { name: tutorial.api.name }).click()
  await dashboard.getByLabel('Parts of the API').getByRole('link', { name: 'Permissions' }).click()
  await dashboard.getByLabel('Permission', { exact: true }).fill('Email')
  await dashboard.getByLabel('Description', { exact: true }).fill('Mail')
  await dashboard.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dashboard.getByText(/Email is a scope of OpenID Connect/)).toBeVisible()
  await owner.close()
})
