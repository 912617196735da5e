import type { Page } from '@playwright/test'
import { type Person, submitCredentials } from '../journeys/client.ts'
import { expect } from '../journeys/visitor.ts'

/** Logs in, opens a page of the dashboard and waits until it has loaded. @param path below `/dashboard` */
export async function openDashboard(
  page: Page,
  { dashboard_url }: { dashboard_url: string },
  person: Person,
  path = '/',
): Promise<void> {
  await page.goto(dashboard_url.replace(/\/$/, path))
  await page.getByLabel('Email address').waitFor()
  await submitCredentials(page, person)
  await loaded(page)
}

/** Waits until the page shows its heading and no request is pending. */
export async function loaded(page: Page): Promise<void> {
  await expect(page.locator('.page h1')).toBeVisible()
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
}

/** Opens a page of the dashboard in a browser that is logged in. */
export async function goTo(
  page: Page,
  { dashboard_url }: { dashboard_url: string },
  path: string,
): Promise<void> {
  await page.goto(dashboard_url.replace(/\/$/, path))
  await loaded(page)
}

/** Counts mouse clicks in this page and in the pages that it navigates to. */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0
  await page.exposeFunction('countClick', () => {
    clicks++
  })
  // `detail` is 0 when the keyboard or a label activated the button.
  await page.addInitScript(`
    document.addEventListener('click', (event) => event.isTrusted && event.detail > 0 && countClick(), true)
  `)
  return () => clicks
}
