/** Every step of the tutorial in the dashboard, from an empty system to the admin message and the refusal. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
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
async function start(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  running = launch(args, env)
  let printed = ''
  running.process.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  await running.running()
  return printed
}

test('setting up the tutorial in an empty system takes at most 15 clicks', {
  timeout: 300_000,
}, async (t) => {
  const { page } = visitor
  const { dir, ports, args, readLab } = await site({ after: (clean) => cleanups.push(clean) })
  const printed = await start([...args, '--empty'])
  const setUpLink = /http\S+\/setup\?ticket=\S+/.exec(printed)?.[0]
  assert.ok(setUpLink, printed)
  const lab = await readLab()

  // The one-time link from the terminal creates the first owner, who logs in.
  await page.goto(setUpLink)
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await visitor.accessibilityFlaws(), [])
  }
  await page.getByLabel('Email address').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.getByRole('button', { name: 'Create the owner' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  const clicks = await countClicks(page)
  await page.getByLabel('Email address').fill(owner.email)
  await page.getByLabel('Password').fill(owner.password)
  await page.keyboard.press('Enter')
  await loaded(page)

  // Register the API, switch on both settings, add the permission.
  await page.getByLabel('Name', { exact: true }).fill(tutorial.api.name)
  await page.getByLabel('Identifier').fill(tutorial.api.identifier)
  await page.getByRole('button', { name: 'Register API' }).click()
  await page.getByRole('button', { name: 'Switch both on' }).click()
  await page.getByLabel('Permission', { exact: true }).fill(tutorial.permission.value)
  await page.getByLabel('Description').fill(tutorial.permission.description)
  await page.getByRole('button', { name: 'Add permission' }).click()

  // Create the role, and add the permission by "All".
  await page.getByLabel('Name', { exact: true }).fill(tutorial.role.name)
  await page.getByLabel('Description').fill(tutorial.role.description)
  await page.getByRole('button', { name: 'Create role' }).click()
  await page.getByRole('button', { name: 'All', exact: true }).click()
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
  assert.ok(needed <= 15, `${needed} clicks`)
  assert.ok(needed >= 8, `${needed} clicks were counted, fewer than there were`)

  // Starts the client with the settings that the page shows.
  const env = Object.fromEntries(
    ((await page.getByRole('figure', { name: 'Client .env' }).locator('pre').textContent()) ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2)),
  )
  assert.equal(env['VITE_AUTH0_DOMAIN'], `http://localhost:${ports.server}`)
  await stop()
  rmSync(join(dir, 'web'), { recursive: true, force: true })
  const again = await start(args, { VITE_AUTH0_CLIENT_ID: env['VITE_AUTH0_CLIENT_ID'] })
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
