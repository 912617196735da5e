/** Paging, search and links in a list of 100,000 users. */
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../../apps/server/src/store/open-store.ts'
import type { Db } from '../../../apps/server/src/store/store.ts'
import { insertUser } from '../../../apps/server/src/users/store.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { launch, site } from '../start/launcher.ts'
import { loaded, openDashboard } from './dashboard.ts'

const visitor = useVisitor()
const count = 100_000
/** Small enough that a transaction ends within seconds on a busy machine. */
const batch = 10_000

test('a list of 100,000 users can be paged, searched and linked to', { timeout: 240_000 }, async (t) => {
  const { page } = visitor
  const cleanups: (() => void)[] = []
  const { dir, args, readLab } = await site({ after: (clean) => cleanups.push(clean) })
  const first = launch(args)
  await first.running()
  first.process.kill('SIGTERM')
  await first.ended
  await addUsers(join(dir, 'rolecall.db'))
  const second = launch(args)
  try {
    await second.running()
    const lab = await readLab()
    await openDashboard(page, lab, lab.users.owner, '/users')
    await expect(page.getByText('1–50 of 100,003')).toBeVisible()

    const times: number[] = []
    const timed = async (act: () => Promise<void>, shown: string) => {
      const started = performance.now()
      await act()
      await page.getByText(shown).first().waitFor()
      times.push(performance.now() - started)
    }
    const next = page.getByRole('button', { name: 'Next' })
    await timed(() => next.click(), '51–100 of 100,003')
    await timed(() => next.click(), '101–150 of 100,003')
    await timed(() => page.getByRole('searchbox').fill('user-09999'), 'user-099999@example.com')
    await timed(() => page.getByRole('searchbox').fill(''), '1–50 of 100,003')
    // A page in the middle, opened by its address as from a link or the Back button.
    await page.goto(`${lab.dashboard_url}users?page=1900`)
    await loaded(page)
    await expect(page.getByText('94,951–95,000 of 100,003')).toBeVisible()
    await timed(() => next.click(), '95,001–95,050 of 100,003')
    t.diagnostic(times.map((time) => `${Math.round(time)} ms`).join(', '))
  } finally {
    second.process.kill('SIGTERM')
    await second.ended
    for (const clean of cleanups) clean()
  }
})

/** Writes to the store, because creating the users over HTTP would take minutes. */
async function addUsers(file: string): Promise<void> {
  const store = await openStore({ file })
  const now = Date.now()
  for (let start = 0; start < count; start += batch) await store.transaction((tx) => addBatch(tx, start))
  await store.close()

  async function addBatch(tx: Db, start: number): Promise<void> {
    for (let index = start; index < start + batch; index++) {
      const email = `user-${String(index).padStart(6, '0')}@example.com`
      await insertUser(tx, {
        userId: `auth0|${String(index).padStart(24, '0')}`,
        connection: 'Username-Password-Authentication',
        email,
        emailVerified: true,
        name: email,
        nickname: email.slice(0, 11),
        picture: '',
        blocked: false,
        userMetadata: {},
        appMetadata: {},
        loginsCount: 0,
        createdAt: now,
        updatedAt: now,
      })
    }
  }
}
