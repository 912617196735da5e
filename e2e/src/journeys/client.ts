import type { BrowserContext, Page } from '@playwright/test'
import { tutorial } from '@rolecall/server/tutorial'
import { expect } from './visitor.ts'

/** An account to log in with at the client and at the pages of the authorization server. */
export interface Person {
  email: string
  password: string
}

/** Fills in and submits the log-in or sign-up page that is shown. */
export async function submitCredentials(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('main').locator('button.primary').click()
}

/** Logs in with the button of the start page and waits for the profile. */
export async function logIn(page: Page, clientUrl: string, person: Person): Promise<void> {
  await page.goto(clientUrl)
  await page.getByRole('button', { name: 'Log In' }).click()
  await atPage(page, 'Log In')
  await submitCredentials(page, person)
  await atProfileOf(page, person)
}

export async function logOut(page: Page, clientUrl: string): Promise<void> {
  await page.getByRole('button', { name: 'Log Out' }).click()
  await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
  expect(new URL(page.url()).href).toBe(`${clientUrl}/`)
}

/** Waits for the page with this title, of the client or of the authorization server. */
export async function atPage(page: Page, title: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
}

export async function atProfileOf(page: Page, { email }: { email: string }): Promise<void> {
  await atPage(page, 'Profile Page')
  await expect(page.getByRole('main').getByText(email, { exact: true }).first()).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/profile')
}

/** Opens the admin page by its tab. */
export async function openAdminPage(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Admin' }).click()
}

/** Waits until the block with this title shows this JSON. */
export async function expectMessage(page: Page, title: string, message: object): Promise<void> {
  const shown = page.getByRole('region', { name: title }).locator('pre')
  await expect(async () => expect(JSON.parse((await shown.textContent()) ?? '')).toEqual(message)).toPass({
    timeout: 15_000,
  })
}

/** An entry of the SDK in `localStorage`. */
interface Kept {
  /** Epoch seconds. */
  expiresAt?: number
}

/** With tokens in memory every reload needs new ones; those in `localStorage` are made to look expired. */
export async function reloadWithExpiredToken(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) {
      const kept: Kept = JSON.parse(localStorage.getItem(key) ?? '')
      if (kept.expiresAt !== undefined) localStorage.setItem(key, JSON.stringify({ ...kept, expiresAt: 1 }))
    }
  })
  await page.reload()
}

/** With third-party cookies blocked, the hidden iframe gets the same answer as without any cookies. */
export async function dropServerCookies(context: BrowserContext): Promise<void> {
  const cookiesOfClient = (await context.cookies()).filter(({ name }) => /auth0\./.test(name))
  await context.clearCookies()
  await context.addCookies(cookiesOfClient)
}

export const granted = tutorial.messages.admin
export const refused = tutorial.messages.denied
