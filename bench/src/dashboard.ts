/** How long the dashboard takes to load, and to show another page of 10,000 users, in a browser. */
import type { Page } from '@playwright/test'
import { loaded, openDashboard } from '../../e2e/src/dashboard/dashboard.ts'
import { startWithManyUsers } from '../../e2e/src/dashboard/many-users.ts'
import { launchBrowser } from '../../e2e/src/journeys/visitor.ts'
import { type BenchRow, median } from './results.ts'

const rounds = 5

export async function bench(): Promise<BenchRow[]> {
  const closing: (() => void | Promise<void>)[] = []
  try {
    const lab = await startWithManyUsers({ after: (close) => closing.push(close) })
    const browser = await launchBrowser()
    closing.push(() => browser.close())
    const page = await browser.newPage()
    await openDashboard(page, lab, lab.users.owner)
    return [
      await within('dashboard, loaded without a cache, to its first page', 1_000, () => reload(page)),
      await within('another page of 10,000 users', 300, await pages(page, lab.dashboard_url)),
    ]
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

async function within(
  what: string,
  limit: number,
  work: (round: number) => Promise<void>,
): Promise<BenchRow> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await work(round)
    times.push(performance.now() - started)
  }
  const value = median(times)
  return { what, value, unit: 'ms', goal: `≤ ${limit}`, met: value <= limit }
}

async function reload(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.reload()
  await loaded(page)
  await session.detach()
}

async function pages(page: Page, dashboardUrl: string): Promise<(round: number) => Promise<void>> {
  await page.goto(`${dashboardUrl}users`)
  await loaded(page)
  const pageSize = 50
  return async (round) => {
    const first = (round + 1) * pageSize + 1
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText(`${first}–${first + pageSize - 1} of`).waitFor()
  }
}
