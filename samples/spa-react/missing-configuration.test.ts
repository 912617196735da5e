/** A client without settings names them in the terminal and in the page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { expect } from '@playwright/test'
import { useBrowser } from './test/browser.ts'
import { startBuiltClient } from './test/built-client.ts'

const visitor = useBrowser()
let client: Awaited<ReturnType<typeof startBuiltClient>>

before(async () => {
  client = await startBuiltClient({ VITE_API_SERVER_URL: 'nowhere' })
})

after(() => client.stop())

const faults = [
  /VITE_AUTH0_DOMAIN\s*is missing/,
  /VITE_AUTH0_CLIENT_ID\s*is missing/,
  /VITE_AUTH0_AUDIENCE\s*is missing/,
  /VITE_API_SERVER_URL\s*is "nowhere"/,
]

test('the terminal names each faulty variable', () => {
  for (const fault of faults) assert.match(client.terminal, fault)
  assert.doesNotMatch(client.terminal, /VITE_AUTH0_CALLBACK_URL/)
})

test('every page names each faulty variable', async () => {
  const { page } = visitor
  for (const path of ['/', '/admin']) {
    await page.goto(client.origin + path)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Missing configuration')
    for (const fault of faults) await expect(page.getByRole('alert')).toContainText(fault)
  }
  assert.deepEqual(visitor.complaints, [])
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})
