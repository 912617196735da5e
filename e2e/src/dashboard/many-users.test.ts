/** Paging, search and links in a list of 10,000 users. `npm run bench -- dashboard` measures how long a page takes. */
import { after, test } from 'node:test'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { loaded, openDashboard } from './dashboard.ts'
import { startWithManyUsers } from './many-users.ts'

const visitor = useVisitor()
const cleanups: (() => void | Promise<void>)[] = []
after(async () => {
  for (const clean of cleanups.toReversed()) await clean()
})

test('a list of 10,000 users can be paged, searched and linked to', { timeout: 240_000 }, async () => {
  const { page } = visitor
  const lab = await startWithManyUsers({ after: (clean) => cleanups.push(clean) })
  await openDashboard(page, lab, lab.users.owner, '/users')
  await expect(page.getByText('1–50 of 10,003')).toBeVisible()

  const next = page.getByRole('button', { name: 'Next' })
  const shown = (text: string) => page.getByText(text).first().waitFor()
  await next.click()
  await shown('51–100 of 10,003')
  await next.click()
  await shown('101–150 of 10,003')
  await page.getByRole('searchbox').fill('user-00999')
  await shown('user-009999@example.com')
  await page.getByRole('searchbox').fill('')
  await shown('1–50 of 10,003')
  // A page in the middle, opened by its address as from a link or the Back button.
  await page.goto(`${lab.dashboard_url}users?page=190`)
  await loaded(page)
  await expect(page.getByText('9,451–9,500 of 10,003')).toBeVisible()
  await next.click()
  await shown('9,501–9,550 of 10,003')
})
