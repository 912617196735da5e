/** The size of the first page. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useSystem } from '../journeys/system.ts'
import { useVisitor } from '../journeys/visitor.ts'
import { loaded, openDashboard } from './dashboard.ts'

const system = useSystem()
const visitor = useVisitor()
const maxBytes = 250_000

test('the first page loads at most 250 kB of JavaScript, from this server alone', {
  timeout: 60_000,
}, async (t) => {
  const { page, context } = visitor
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  // The budget is for gzip, which every client supports. Browsers would get brotli, which is smaller.
  await session.send('Network.setExtraHTTPHeaders', { headers: { 'accept-encoding': 'gzip' } })
  const scripts = new Map<string, string>()
  const sizes = new Map<string, number>()
  const hosts = new Set<string>()
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    hosts.add(new URL(response.url).host)
    if (type === 'Script' || response.mimeType.includes('javascript')) scripts.set(requestId, response.url)
  })
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    sizes.set(requestId, (sizes.get(requestId) ?? 0) + encodedDataLength)
  })
  await openDashboard(page, system.lab, system.lab.users.owner)
  // A reload without cache loads the scripts of this page only.
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  for (const store of [scripts, sizes]) store.clear()
  await page.reload()
  await loaded(page)
  const total = [...scripts.keys()].reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0)
  t.diagnostic(`${Math.round(total / 1000)} kB in ${scripts.size} files`)
  assert.ok(scripts.size > 3, 'the scripts were seen')
  assert.ok(total > 100_000 && total <= maxBytes, `${total} bytes`)
  assert.deepEqual([...hosts], [new URL(system.lab.issuer).host])
})
