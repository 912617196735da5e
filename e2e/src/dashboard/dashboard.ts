import type { Page } from '@playwright/test'
import { give, type Person } from '../journeys/client.ts'
import { expect } from '../journeys/visitor.ts'

/** Opens a page of the dashboard, by way of the log-in page, and waits until it is there. @param path below `/dashboard` */
export async function openDashboard(
  page: Page,
  { dashboard_url }: { dashboard_url: string },
  person: Person,
  path = '/',
): Promise<void> {
  await page.goto(dashboard_url.replace(/\/$/, path))
  await page.getByLabel('Email address').waitFor()
  await give(page, person)
  await loaded(page)
}

/** Until the page shows what it is about, and nothing is on its way any more. */
export async function loaded(page: Page): Promise<void> {
  await expect(page.locator('.page h1')).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
}

/** A page of the dashboard for somebody who is logged in already. */
export async function goTo(
  page: Page,
  { dashboard_url }: { dashboard_url: string },
  path: string,
): Promise<void> {
  await page.goto(dashboard_url.replace(/\/$/, path))
  await loaded(page)
}

/** Counts the clicks of the mouse in this page and those it leads to. */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0
  await page.exposeFunction('countClick', () => {
    clicks++
  })
  // `detail` is 0 where the keyboard or a label pressed the button.
  await page.addInitScript(`
    document.addEventListener('click', (event) => event.isTrusted && event.detail > 0 && countClick(), true)
  `)
  return () => clicks
}
