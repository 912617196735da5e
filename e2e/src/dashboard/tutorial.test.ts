/** Every step of the tutorial in the dashboard, from an empty system to the admin message and the refusal. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { expectMessage, granted, logIn, logOut, openAdminPage, refused } from '../journeys/client.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { type Launcher, launch, site } from '../start/launcher.ts'
import { countClicks, loaded } from './dashboard.ts'

const visitor = useVisitor()
const password = 'a lantern on the 3rd bridge'
const owner = { email: 'owner@example.com', password }
const admin = { email: 'ada@example.com', password }
const member = { email: 'grace@example.com', password }

const cleanups: (() => void)[] = []
let running: Launcher | undefined
after(async () => {
  await stop()
  for (const clean of cleanups) clean()
})

async function stop(): Promise<void> {
  running?.process.kill('SIGTERM')
  await running?.ended
  running = undefined
}

/** @returns the launcher's output until every part answered */
async function start(args: string[]): Promise<string> {
  running = launch(args)
  let printed = ''
  running.process.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await running.running()
  return printed
}

test('setting up the tutorial in an empty system takes at most 10 clicks', {
  timeout: 300_000,
}, async (t) => {
  const { page } = visitor
  const { ports, args, readLab } = await site({ after: (clean) => cleanups.push(clean) })
  const printed = await start([...args, '--empty'])
  const setUpLink = /http\S+\/setup\?ticket=\S+/.exec(printed)?.[0]
  assert.ok(setUpLink, printed)
  const lab = await readLab()

  // Before there is an owner, the dashboard says where the link is, and the client where its client ID comes from.
  await page.goto(lab.dashboard_url)
  await expect(page.getByRole('heading', { name: 'No owner yet' })).toBeVisible()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  const client = await page.context().newPage()
  await client.goto(lab.client_url)
  await expect(client.getByRole('heading', { name: 'Missing configuration' })).toBeVisible()

  // The one-time link from the terminal creates the first owner, who is logged in then.
  const clicks = await countClicks(page)
  await page.goto(setUpLink)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await visitor.accessibilityFlaws(), [])
  }
  await page.getByLabel('Email address').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Create the owner' }).click()
  // The first page of a server that has just started takes its time on a busy machine.
  await page.getByRole('heading', { name: 'Get started' }).waitFor({ timeout: 60_000 })
  await loaded(page)

  // Register the API, switch on both settings, add the permission.
  await page.getByLabel('Name', { exact: true }).fill(tutorial.api.name)
  await page.getByLabel('Identifier').fill(tutorial.api.identifier)
  await page.getByRole('button', { name: 'Register API' }).click()
  await page.getByRole('button', { name: 'Switch both on' }).click()
  await page.getByLabel('Permission', { exact: true }).fill(tutorial.permission.value)
  await page.getByLabel('Description').fill(tutorial.permission.description)
  await page.getByRole('button', { name: 'Add permission' }).click()

  // Create the role, and add the permission, which is ticked.
  await page.getByLabel('Name', { exact: true }).fill(tutorial.role.name)
  await page.getByLabel('Description').fill(tutorial.role.description)
  await page.getByRole('button', { name: 'Create role' }).click()
  await page.getByRole('button', { name: 'Add permissions' }).click()

  // Create two users, and assign the role to one of them.
  for (const [index, { email }] of [admin, member].entries()) {
    await page.getByLabel('Email', { exact: true }).fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create user' }).click()
    if (index === 0) await expect(page.getByText('One more, so that')).toBeVisible()
  }
  await page.getByLabel('User', { exact: true }).first().selectOption(admin.email)
  await page.getByRole('button', { name: 'Assign role' }).click()
  await page.getByLabel('Origin', { exact: true }).fill(lab.client_url)
  await page.getByRole('button', { name: 'Register client' }).click()
  await expect(page.getByText('8 of 8 steps done')).toBeVisible()
  const needed = clicks()
  t.diagnostic(`${needed} clicks`)
  // The button that creates the owner, and one for each of nine forms.
  assert.ok(needed >= 9 && needed <= 10, `${needed} clicks`)

  // The page shows the settings of the client, which has found them: the page opened before loads it.
  const env = Object.fromEntries(
    ((await page.getByRole('figure', { name: 'Client .env' }).locator('pre').textContent()) ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2)),
  )
  assert.equal(env['VITE_AUTH0_DOMAIN'], `http://localhost:${ports.server}`)
  await expect(client.getByRole('button', { name: 'Log In' })).toBeVisible({ timeout: 120_000 })
  await client.close()

  // The next start builds the client with the same client ID.
  await stop()
  const again = await start(args)
  assert.ok(!again.includes('/setup?ticket='), 'with an owner there is no set-up link any more')

  // The owner still has a session. Each of the two users logs in with their own password.
  await logIn(page, lab.client_url, admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
  await logOut(page, lab.client_url)
  await logIn(page, lab.client_url, member)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', refused)

  // The one-time link no longer works.
  const response = await page.goto(setUpLink)
  assert.equal(response?.status(), 410)
})
