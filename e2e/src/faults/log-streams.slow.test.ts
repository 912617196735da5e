/** The server is killed while it sends the log to a webhook. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  audience,
  createApplication,
  createClientGrant,
  ensureSystemObjects,
  openContext,
  readConfig,
  requestToken,
  transaction,
} from '@rolecall/server/test-kit'
import { site } from '../start/launcher.ts'
import { type Home, makeHome, type ServerProcess, startServerProcess } from './server-process.ts'

test('a webhook has every entry of the log, after kills in the middle of deliveries', {
  timeout: 150_000,
}, async (t) => {
  let server: ServerProcess | undefined
  t.after(() => server?.end('SIGKILL'))
  const place = await site(t)
  const home = await makeHome(place, { LOG_LEVEL: 'error' })
  const manager = await makeManager(home)

  const arrived: string[] = []
  let kill: (() => void) | undefined
  const receiver = createServer((request, response) => {
    void (async () => {
      const lines = (await text(request)).trimEnd().split('\n')
      for (const line of lines) arrived.push((JSON.parse(line) as { log_id: string }).log_id)
      // Before the answer: the server has no record of this delivery.
      kill?.()
      response.end()
    })()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const { port } = receiver.address() as AddressInfo

  server = await startServerProcess(home.env)
  const { body } = await requestToken(home, {
    ...manager,
    grant_type: 'client_credentials',
    audience: `${home.issuer}api/v2/`,
  })
  const created = await fetch(`${home.issuer}api/v2/log-streams`, {
    method: 'POST',
    headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'http',
      sink: { httpEndpoint: `http://127.0.0.1:${port}/`, httpContentFormat: 'JSONLINES' },
      startFrom: '2020-01-01T00:00:00Z',
    }),
  })
  assert.equal(created.status, 201, await created.text())
  for (let count = 0; count < 250; count++) await requestRandom(home)

  for (let round = 0; round < 3; round++) {
    const victim: ChildProcess = server.process
    kill = () => victim.kill('SIGKILL')
    await once(victim, 'close')
    kill = undefined
    assert.equal(victim.signalCode, 'SIGKILL')
    server = await startServerProcess(home.env)
  }
  const stored = idsIn(join(place.dir, 'rolecall.db'))
  assert.ok(stored.length > 250)
  while (!stored.every((id) => arrived.includes(id))) await pause(100)
  assert.ok(arrived.length > new Set(arrived).size, 'a delivery that was not recorded is repeated')
  const firstArrivals = [...new Set(arrived)]
  assert.deepEqual(firstArrivals, firstArrivals.toSorted())
})

/** An application that may do everything on the Management API. */
async function makeManager({ env }: Home) {
  const ctx = await openContext(readConfig(env))
  const { managementApi } = await ensureSystemObjects(ctx)
  const { application, clientSecret = '' } = await transaction(ctx, (tx) =>
    createApplication(tx, { name: 'Manager', app_type: 'non_interactive' }),
  )
  const scope = managementApi.permissions.map(({ value }) => value)
  await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId: application.clientId, apiId: managementApi.id, scope }),
  )
  await ctx.mailer.close()
  await ctx.store.close()
  return { client_id: application.clientId, client_secret: clientSecret }
}

async function requestRandom(home: Home): Promise<void> {
  const { clientId, clientSecret } = home.service
  const request = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  assert.equal((await requestToken(home, { ...request, audience })).status, 200)
}

function idsIn(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database
      .prepare('select log_id from logs')
      .all()
      .map(({ log_id }) => String(log_id))
  } finally {
    database.close()
  }
}
