/** What a change takes away, who may do what and why, and what is wrong with a token: three long visits of one system. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, loaded, openDashboard } from './dashboard.ts'
import { type Calls, withTokenOf } from './management.ts'

const limit = { timeout: 240_000 }
const narrow = { width: 390, height: 800 }
const wide = { width: 1280, height: 720 }
const system = useSystem()
const visitor = useVisitor()
const permission = tutorial.permission.value
const role = tutorial.role.name

interface Found {
  apiId: string
  userId: string
  roleId: string
}

async function find({ call }: Calls): Promise<Found> {
  const api = (await call('GET', 'resource-servers')).body.find((one) => !one['is_system'])
  const user = (await call('GET', 'users?q=email:admin*')).body[0]
  const [held] = (await call('GET', `roles?name_filter=${role}`)).body
  return { apiId: String(api?.['id']), userId: String(user?.['user_id']), roleId: String(held?.['id']) }
}

test('a change that takes something away shows its effect, and does not wait for it', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  const { lab } = system
  const calls = withTokenOf(page, lab.issuer)
  await openDashboard(page, lab, lab.users.owner)
  const { apiId, userId, roleId } = await find(calls)
  const path = `/users/${encodeURIComponent(userId)}`
  const roles = async () => (await calls.call('GET', `users/${encodeURIComponent(userId)}/roles`)).body.length
  const dialog = page.getByRole('dialog')
  const taken = page.getByText(`${role} is taken away.`)
  const undo = async () => {
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await expect(page.getByRole('link', { name: role })).toBeVisible()
  }

  // Numbers first, names on request, all by keyboard. Escape changes nothing.
  await goTo(page, lab, `${path}/roles`)
  const take = page.getByRole('button', { name: `Take ${role} away` })
  await take.press('Enter')
  await expect(dialog).toContainText('1 user loses permissions.')
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  const names = dialog.getByRole('button', { name: `Names for ${permission}` })
  await keyboard.press('Shift+Tab')
  await expect(names).toBeFocused()
  await keyboard.press('Enter')
  await expect(names).toHaveAttribute('aria-expanded', 'true')
  await expect(dialog.getByRole('list', { name: `Names for ${permission}` })).toContainText(
    lab.users.admin.email,
  )
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  assert.deepEqual(await visitor.darkColorFlaws(), [])
  await page.setViewportSize(narrow)
  const box = await dialog.boundingBox()
  assert.ok(box && box.width <= narrow.width, `the dialog is ${box?.width} pixels wide`)
  await page.setViewportSize(wide)
  await keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(take).toBeFocused()
  assert.equal(await roles(), 1)

  // A preview that fails or never answers is told, and the change is made all the same.
  const previews = /\/authorization\/preview$/
  await page.route(previews, (route) => route.abort())
  await take.press('Enter')
  await expect(dialog).toContainText('The effect could not be counted.')
  await dialog.getByRole('button', { name: 'Take away' }).press('Enter')
  await expect(taken).toBeVisible()
  assert.equal(await roles(), 0)
  await undo()
  await page.unroute(previews)
  await page.route(previews, () => undefined)
  await take.press('Enter')
  await expect(dialog).toContainText('The count takes long.')
  await dialog.getByRole('button', { name: 'Take away' }).press('Enter')
  await expect(taken.first()).toBeVisible()
  await undo()
  await page.unroute(previews)

  // The server compares many users part by part, here one by one: the numbers add up, and so do the names.
  const [other] = (await calls.call('GET', `users?q=email:${lab.users.member.email.split('@')[0]}*`)).body
  const members = { users: [other?.['user_id']] }
  await calls.call('POST', `roles/${roleId}/users`, members)
  await page.route(previews, (route) => {
    const body: object = route.request().postDataJSON()
    return route.continue({ postData: JSON.stringify({ ...body, take: 1 }) })
  })
  await goTo(page, lab, `/roles/${roleId}/settings`)
  await page.getByRole('button', { name: 'Delete role' }).click()
  await expect(dialog).toContainText('2 users lose permissions.')
  await expect(dialog).not.toContainText('At least')
  await names.click()
  await dialog.getByRole('button', { name: 'More names' }).click()
  for (const { email } of [lab.users.admin, lab.users.member])
    await expect(dialog.getByRole('list', { name: `Names for ${permission}` })).toContainText(email)
  await keyboard.press('Escape')
  await page.unroute(previews)
  await calls.call('DELETE', `users/${encodeURIComponent(String(other?.['user_id']))}/roles`, {
    roles: [roleId],
  })

  // A switch that decides for everybody.
  await goTo(page, lab, `/apis/${apiId}/settings`)
  await page.getByLabel('Enable RBAC').click()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(dialog).toContainText(`RBAC is off for ${lab.audience} afterwards`)
  await keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Discard changes' })).toBeVisible()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  assert.equal(
    String((await calls.call('GET', `resource-servers/${apiId}`)).body['enforce_policies']),
    'true',
  )

  // A question above the dialog of a grant: Escape closes the question alone.
  await goTo(page, lab, `/apis/${apiId}/machine`)
  const editing = page.getByRole('dialog', { name: /^What .* may request/ })
  const question = page.getByRole('dialog', { name: /^Take permissions of/ })
  await page.getByRole('button', { name: 'Edit permissions' }).first().click()
  await editing.getByLabel(permission).uncheck()
  await editing.getByRole('button', { name: 'Save changes' }).click()
  await expect(question).toContainText('1 application loses permissions.')
  await keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(editing).toBeVisible()
  await keyboard.press('Escape')
  await expect(editing).toBeHidden()

  // What is deleted with an application, and that a blocked user holds nothing.
  await goTo(page, lab, `/applications/${lab.applications.m2m.client_id}/settings`)
  await page.getByRole('button', { name: 'Delete application' }).click()
  await expect(dialog).toContainText('1 application loses permissions.')
  await keyboard.press('Escape')
  await goTo(page, lab, `${path}/details`)
  await page.getByRole('button', { name: 'Block', exact: true }).click()
  await expect(dialog).toContainText('1 user loses permissions.')
  await keyboard.press('Escape')
})

test('who can do something, why, and what the token would say have addresses', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  const { lab } = system
  const calls = withTokenOf(page, lab.issuer)
  await openDashboard(page, lab, lab.users.owner)
  const { apiId, userId, roleId } = await find(calls)
  const { admin, member } = lab.users

  // From the palette, without a mouse.
  await keyboard.press('/')
  await expect(page.getByRole('combobox')).toBeFocused()
  await keyboard.type('who can')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Explain access' })).toBeVisible()
  await page.getByLabel('API', { exact: true }).selectOption(lab.audience)
  await page.getByLabel('Permission', { exact: true }).selectOption(permission)
  const holder = page.getByRole('row', { name: new RegExp(admin.email) })
  await expect(holder).toContainText(role)
  await expect(page.getByRole('region', { name: 'Applications' }).getByRole('row')).not.toHaveCount(0)
  await holder.getByRole('link', { name: `Why ${admin.email}?` }).press('Enter')

  // The address has the whole question.
  await loaded(page)
  const asked = new URL(page.url()).searchParams
  assert.deepEqual(Object.fromEntries(asked), { user: userId, api: lab.audience, permission })
  await page.reload()
  const why = page.getByRole('region', { name: 'Why', exact: true })
  await expect(why).toContainText(`${admin.email} holds ${role}, which contains ${permission}.`)
  await expect(why.getByRole('link', { name: role })).toHaveAttribute(
    'href',
    `/dashboard/roles/${roleId}/permissions`,
  )
  const giving = page.getByRole('row', { name: new RegExp(role) })
  await expect(giving).toContainText('Assigned')
  await expect(giving.getByRole('link', { name: lab.users.owner.email })).toBeVisible()

  // The role is taken: the answer, the reason and the last change with its author.
  await calls.call('DELETE', `users/${encodeURIComponent(userId)}/roles`, { roles: [roleId] })
  await page.reload()
  await expect(page.locator('.page')).toContainText(`${admin.email} may not ${permission}`)
  await expect(why).toContainText('neither through a role nor directly')
  const last = page.getByRole('region', { name: 'Last change' })
  await expect(last).toContainText(`${lab.users.owner.email} removed ${role} from ${admin.email}`)
  await calls.call('POST', `users/${encodeURIComponent(userId)}/roles`, { roles: [roleId] })

  // The same user in an application, and the token that it would get.
  await page.getByLabel('Application', { exact: true }).selectOption(lab.applications.spa.client_id)
  await expect(why).toContainText('The grant types of the application allow tokens for users.')
  await page
    .getByRole('navigation', { name: 'Questions', exact: true })
    .getByText('What would the token say?')
    .press('Enter')
  const claims = page.getByRole('figure', { name: 'Claims' })
  await expect(claims).toContainText(`"${permission}"`)
  await page.getByLabel('Requested scopes').fill('openid profile')
  await keyboard.press('Enter')
  await expect(claims).toContainText('"scope": "openid profile"')
  assert.equal(new URL(page.url()).searchParams.get('scope'), 'openid profile')

  // Search finds a user who holds nothing; an application has what its grant contains.
  await goTo(page, lab, '/explain/may')
  await page.getByLabel('Search users').fill(member.email)
  await page.getByLabel('User', { exact: true }).selectOption({ label: member.email })
  await expect(page.getByText('No permissions', { exact: true })).toBeVisible()
  await goTo(page, lab, `/explain/may?client=${lab.applications.m2m.client_id}`)
  await page.getByRole('link', { name: `Why? ${permission}` }).press('Enter')
  await expect(why).toContainText(`The client grant for applications contains ${permission}.`)

  // Each page about access leads here.
  for (const [path, name] of [
    [`/users/${encodeURIComponent(userId)}/permissions`, 'Explain access'],
    [`/users/${encodeURIComponent(userId)}/permissions`, `Why? ${permission}`],
    [`/roles/${roleId}/permissions`, `Who has it? ${permission}`],
    [`/apis/${apiId}/permissions`, `Who has it? ${permission}`],
    [`/apis/${apiId}/permissions`, 'Who can do this?'],
    [`/applications/${lab.applications.spa.client_id}/settings`, 'Explain access'],
  ] as const) {
    await goTo(page, lab, path)
    await page.locator('.page').getByRole('link', { name, exact: true }).first().click()
    await expect(page.getByRole('heading', { level: 1, name: 'Explain access' })).toBeVisible()
  }
})

test('a pasted token is read, and each common mistake has its remedy', limit, async () => {
  const { page } = visitor
  const { lab } = system
  const calls = withTokenOf(page, lab.issuer)
  const sent: string[] = []
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
  await openDashboard(page, lab, lab.users.owner)
  const { apiId } = await find(calls)
  const { token, refresh } = await machineToken()
  await goTo(page, lab, '/explain/token')
  const field = page.getByLabel('Access token', { exact: true })
  const report = page.locator('.page [aria-live=polite]').last()
  const paste = async (text: string, shown: string | RegExp) => {
    await field.fill(text)
    await expect(report).toContainText(shown)
  }

  await paste(`Bearer ${token}\n`, 'Signature, issuer, audience and times are right.')
  await expect(report).toContainText('Left out: the word before the token.')
  await expect(page.getByRole('region', { name: 'What the token says' })).toContainText(
    'As this browser’s clock',
  )
  const rights = page.getByRole('row', { name: new RegExp(permission) })
  await expect(rights).toHaveText(new RegExp(`${permission}YesYes`))
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await paste(`"${token.slice(0, 40)}\r\n${token.slice(40)}"`, 'Left out: quotes, spaces and line breaks.')
  await paste(JSON.stringify({ access_token: token, token_type: 'Bearer' }), 'Left out: the JSON around it.')

  const remedy = (name: string) => report.getByRole('link', { name })
  await page.getByLabel('API', { exact: true }).selectOption({ label: 'Auth0 Management API' })
  await expect(report).toContainText('The token is for another API.')
  await expect(remedy('See how the API is configured')).toBeVisible()
  await page.getByLabel('API', { exact: true }).selectOption('')

  const set = (body: object) => calls.call('PATCH', `resource-servers/${apiId}`, body)
  const visit = async (text: string, shown: string) => {
    await goTo(page, lab, '/explain/token')
    await paste(text, shown)
  }
  await set({ token_dialect: 'access_token' })
  const { token: withoutClaim } = await machineToken()
  await visit(withoutClaim, 'The token has no permissions claim')
  await expect(remedy('See the RBAC settings')).toHaveAttribute('href', `/dashboard/apis/${apiId}/settings`)
  await set({ enforce_policies: false })
  await visit(withoutClaim, 'The permission is in the scope of the token')
  await set({ enforce_policies: true, token_dialect: 'access_token_authz' })

  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims: object = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = (changes: object, head = header) =>
    [head, part({ ...claims, ...changes }), signature].join('.')
  await visit(changed({ iss: lab.issuer.replace(/\/$/, '') }), 'differ only by the slash at the end')
  await paste(changed({ iat: Math.floor(Date.now() / 1000) + 3_600 }), 'issued in the future')
  await paste(changed({ exp: 1 }), 'The token has expired.')
  await expect(remedy('See the lifetime')).toBeVisible()
  await paste(
    changed({}, part({ alg: 'RS256', kid: 'rotated' })),
    'The key that signed the token is not published.',
  )
  await expect(remedy('See the signing keys')).toBeVisible()
  await paste(changed({ sub: 'auth0|x' }), 'The signature does not fit the token.')
  await paste(changed({ azp: 'gone' }, part({ alg: 'RS256', kid: 'rotated' })), 'does not exist any more')

  await paste(refresh, 'This is not a JWT.')
  await expect(remedy('See the default audience')).toBeVisible()
  await paste(changed({ nonce: 'n', aud: lab.applications.spa.client_id }), 'This is an ID token.')
  await paste(`${part({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`, 'This token is encrypted (JWE)')
  await paste(`${header}.${payload}`, 'A part of the token is missing or damaged.')
  await paste('x'.repeat(1_048_576), '1,048,576 characters are longer than any token')
  await paste(
    `${part({ alg: 'RS256' })}.${part({ aud: [1, {}], exp: 'never', iat: 1e300, scope: 7 })}.x`,
    'Another server issued the token.',
  )

  // An API with a secret: the server verifies, with the token in the body of a request.
  await set({ signing_alg: 'HS256', signing_secret: 'a secret of this API that is long enough' })
  const { token: secretly } = await machineToken()
  await visit(secretly, 'Signature, issuer, audience and times are right.')
  await set({ signing_alg: 'RS256' })
  await visit(secretly, 'The key that signed the token is not published.')
  assert.ok(sent.some((one) => one.includes('/authorization/explain ') && one.includes(secretly)))
  assert.deepEqual(
    sent.filter((one) => one.includes(token) || one.split(' ')[0]?.includes(secretly)),
    [],
    'a token leaves the browser in no other way',
  )
})

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of an application for itself, and a text that looks like a refresh token. */
async function machineToken(): Promise<{ token: string; refresh: string }> {
  const { lab } = system
  const response = await fetch(`${lab.issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      audience: lab.audience,
      ...lab.applications.m2m,
    }),
  })
  assert.equal(response.status, 200)
  const { access_token: token } = (await response.json()) as { access_token: string }
  return { token, refresh: 'nXo2m5yHq0Vd7ZQ3bqTt0Lr4-refresh' }
}
