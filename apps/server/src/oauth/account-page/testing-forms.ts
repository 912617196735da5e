import assert from 'node:assert/strict'
import { type Browser, formsOf, type Page } from '../../testing/browser.ts'

/** Fills in and sends the form of the account page with this action. */
export async function fillIn(
  browser: Browser,
  page: Page,
  action: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  const index = formsOf(page).findIndex((form) => form.action === `/account/${action}`)
  assert.ok(index >= 0, `no form ${action} on ${page.url}: ${page.text.slice(0, 500)}`)
  return browser.submit(page, fields, index)
}
