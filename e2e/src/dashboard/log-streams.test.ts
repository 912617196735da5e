/** Log streams in the dashboard, from their creation to a delivery that is sent again. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { freePorts } from '../start/launcher.ts'
import { openDashboard } from './dashboard.ts'

const system = useSystem()
const visitor = useVisitor()

test('a stream is created, a delivery that failed is sent again, and the stream is paused and deleted', {
  timeout: 180_000,
}, async (t) => {
  const { page } = visitor
  const [port = 0] = await freePorts(1)
  const endpoint = `http://127.0.0.1:${port}/logs`
  await openDashboard(page, system.lab, system.lab.users.owner, '/settings/streams')

  await page.getByRole('button', { name: 'Create log stream' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(form).toContainText('This is required.')
  await form.getByLabel('Address').fill('http://logs.example.com/')
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(form).toContainText('must be https, or http on localhost', { ignoreCase: true })
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await form.getByLabel('Address').fill(endpoint)
  await form.getByLabel('Name').fill('Collector')
  await form.getByLabel('Authorization header').first().fill('Bearer of-the-collector')
  await form.getByLabel('management.success').check()
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  const row = page.getByRole('row', { name: /Collector/ })
  await expect(row).toContainText('Active')

  // Nothing listens there yet, and entries are sent 15 seconds after they were written.
  await row.getByRole('button', { name: 'Deliveries of Collector' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Later entries wait', { timeout: 60_000 })
  await expect(page.getByText('Failing')).toBeVisible()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  let received = 0
  const receiver = createServer((request, response) => {
    assert.equal(request.headers.authorization, 'Bearer of-the-collector')
    received++
    response.end()
  }).listen(port, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  await dialog.getByRole('button', { name: 'Send now' }).click()
  await expect(dialog).not.toContainText('Later entries wait', { timeout: 30_000 })
  assert.ok(received > 0)

  // Deliveries are put aside after minutes of attempts, so the answer that lists them is made up.
  const failed = {
    id: 'lsd_1',
    first_log_id: '1',
    last_log_id: '2',
    entries: 2,
    error: 'The receiver answered 422',
    failed_at: new Date().toISOString(),
    retrying: false,
  }
  await page.route('**/api/v2/rolecall/log-streams/*/deliveries', (route) =>
    route.fulfill({ json: { has_authorization: true, failed: [failed] } }),
  )
  await expect(dialog.getByRole('row', { name: /answered 422/ })).toBeVisible({ timeout: 15_000 })
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  const asked = page.waitForRequest(/\/retry$/)
  await dialog.getByRole('button', { name: 'Send the entries from 1 again' }).click()
  assert.deepEqual((await asked).postDataJSON(), { delivery_id: 'lsd_1' })
  await page.unroute('**/api/v2/rolecall/log-streams/*/deliveries')
  await page.keyboard.press('Escape')

  await row.getByRole('button', { name: 'Pause Collector' }).click()
  await expect(row).toContainText('Paused')
  await row.getByRole('button', { name: 'Delete Collector' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No log stream yet')).toBeVisible()
})
