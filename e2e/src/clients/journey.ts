/** The tutorial with each of the client applications, started as its README says. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  atPage,
  atProfileOf,
  expectMessage,
  granted,
  logIn,
  logOut,
  openAdminPage,
  refused,
  submitCredentials,
} from '../journeys/client.ts'
import { changeRole } from '../journeys/management.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { type Lab, type Launcher, launch, root, type Site, site } from '../start/launcher.ts'

/** The clients by test file: a file has five minutes, and the first start of a client installs it. */
export const clients = {
  react: ['react', 'react-javascript', 'react-router-6', 'react-router-6-javascript'],
  angular: ['angular', 'angular-modules'],
  others: ['svelte', 'vue', 'vue-options', 'vue-2'],
}

export function tryClients(names: readonly string[]): void {
  const cleanups: (() => void)[] = []
  let place: Site

  before(async () => {
    place = await site({ after: (clean) => cleanups.push(clean) })
  })
  after(() => {
    for (const clean of cleanups) clean()
  })

  for (const name of names)
    describe(name, () => {
      const visitor = useVisitor()
      let launcher: Launcher
      let lab: Lab

      // The first start of a client installs its packages.
      before(
        async () => {
          launcher = launch([...place.args, '--client', name])
          await launcher.running()
          lab = await place.readLab()
        },
        { timeout: 240_000 },
      )
      after(async () => {
        launcher.process.kill('SIGTERM')
        await launcher.ended
      })

      const journey = { timeout: 120_000 }

      test('a user without the role is refused the admin message and logs out', journey, async () => {
        const { page } = visitor
        await logIn(page, lab.client_url, lab.users.member)
        await openAdminPage(page)
        await expectMessage(page, 'Admin Message', refused)
        await page.getByRole('link', { name: 'Protected' }).click()
        await expectMessage(page, 'Protected Message', { text: 'This is a protected message.' })
        await page.getByRole('link', { name: 'Public' }).click()
        await expectMessage(page, 'Public Message', { text: 'This is a public message.' })
        await logOut(page, lab.client_url)
      })

      test('a user with the role reads the admin message until the role is removed', journey, async (t) => {
        const { page } = visitor
        const { email } = lab.users.admin
        await logIn(page, lab.client_url, lab.users.admin)
        await openAdminPage(page)
        await expectMessage(page, 'Admin Message', granted)
        await page.reload()
        await expectMessage(page, 'Admin Message', granted)
        await changeRole(lab, email, 'DELETE')
        t.after(() => changeRole(lab, email, 'POST'))
        await page.reload()
        await expectMessage(page, 'Admin Message', refused)
      })

      test(
        'a guarded page requires a log-in, returns to itself, and uses the session of another tab',
        journey,
        async () => {
          const { page, context } = visitor
          await page.goto(`${lab.client_url}/protected`)
          await atPage(page, 'Log in')
          await submitCredentials(page, lab.users.member)
          await expectMessage(page, 'Protected Message', { text: 'This is a protected message.' })
          const second = await context.newPage()
          await second.goto(`${lab.client_url}/profile`)
          await atProfileOf(second, lab.users.member)
        },
      )

      test('signing up leads to the profile', journey, async () => {
        const { page } = visitor
        const email = `${name}@example.com`
        await page.goto(lab.client_url)
        await page.getByRole('button', { name: 'Sign Up' }).click()
        await atPage(page, 'Sign up')
        await submitCredentials(page, { email, password: 'a lantern on the 3rd bridge' })
        await atProfileOf(page, { email })
      })

      test('a refused log-in is explained', journey, async () => {
        const { page } = visitor
        await page.goto(lab.client_url)
        await page.getByRole('button', { name: 'Log In' }).click()
        await atPage(page, 'Log in')
        const state = new URL(page.url()).searchParams.get('state')
        await page.goto(`${lab.client_url}/callback?error=access_denied&error_description=No&state=${state}`)
        await expect(page.getByRole('alert')).toBeVisible()
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log-in not completed')
      })

      test('an unknown address shows Not Found, and axe finds no violation', journey, async () => {
        const { page } = visitor
        await page.goto(`${lab.client_url}/no/such/page`)
        await atPage(page, 'Not Found')
        await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
        assert.deepEqual(await visitor.accessibilityFlaws(), [])
        await page.goto(`${lab.client_url}/public`)
        await expectMessage(page, 'Public Message', { text: 'This is a public message.' })
        assert.deepEqual(await visitor.accessibilityFlaws(), [])
      })

      test('the check script of the sample passes', { timeout: 120_000 }, () => {
        const folder = join(root, 'samples', name === 'react' ? 'spa-react' : `spa-${name}`)
        if (!existsSync(join(folder, 'package-lock.json'))) return
        const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
        if (scripts.check) execFileSync('npm', ['run', '--silent', 'check'], { cwd: folder, stdio: 'pipe' })
      })
    })
}
