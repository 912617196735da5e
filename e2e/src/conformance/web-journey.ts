import type { Page } from '@playwright/test'
import { atPage, granted, type Person, submitCredentials } from '../journeys/client.ts'
import { expect } from '../journeys/visitor.ts'

/** What not every SDK has. */
export type Offer = 'database' | 'message' | 'refresh'

/** What is tried with a web application or a page: its paths do what they are called. */
export interface Step {
  /** In the table. */
  name: string
  /** What an application has to offer for it. */
  needs?: Offer
  take(page: Page, url: string, person: Person): Promise<void>
}

export const steps: Step[] = [
  {
    name: 'sign-up',
    needs: 'database',
    take: (page, url) => shows(page, `${url}/signup`, { user: 'database@example.com' }),
  },
  {
    name: 'mail for a new password',
    needs: 'database',
    take: (page, url) => shows(page, `${url}/password`, { asked: true }),
  },
  {
    name: 'log-in',
    async take(page, url, person) {
      await shows(page, `${url}/`, { user: null })
      await page.goto(`${url}/login`)
      await atPage(page, 'Log In')
      await submitCredentials(page, person)
      await comesToShow(page, { user: person.email })
    },
  },
  { name: 'reload', take: (page, url, { email }) => shows(page, `${url}/`, { user: email }) },
  { name: 'access token', needs: 'message', take: (page, url) => shows(page, `${url}/message`, granted) },
  { name: 'renewal', needs: 'refresh', take: (page, url) => shows(page, `${url}/refreshed`, granted) },
  {
    name: 'log-out',
    async take(page, url) {
      await page.goto(`${url}/logout`)
      // Without the ID token in the request the person is asked (RP-Initiated Logout §2).
      const asked = page.getByRole('heading', { name: 'Log out?' })
      await expect(asked.or(page.locator('pre'))).toBeVisible()
      if (await asked.isVisible()) await page.getByRole('button', { name: 'Log out' }).click()
      await comesToShow(page, { user: null })
      expect(page.url()).toBe(`${url}/`)
      // The session of the authorization server is over as well.
      await page.goto(`${url}/login`)
      await atPage(page, 'Log In')
    },
  },
]

async function shows(page: Page, url: string, expected: object): Promise<void> {
  await page.goto(url)
  await comesToShow(page, expected)
}

async function comesToShow(page: Page, expected: object): Promise<void> {
  try {
    await expect.poll(() => shown(page), { timeout: 15_000 }).toEqual(expected)
  } catch (cause) {
    throw new Error(`the page shows ${JSON.stringify(await shown(page))}`, { cause })
  }
}

/** The JSON that the page shows, or its text where it shows none; undefined while it shows nothing. */
async function shown(page: Page): Promise<unknown> {
  const text = await page
    .locator('body')
    .innerText({ timeout: 1_000 })
    .catch(() => '')
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return text.slice(0, 300)
  }
}
