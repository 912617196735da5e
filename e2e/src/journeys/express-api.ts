import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createGuard, permission } from '@rolecall/guard'
import { requires } from '@rolecall/guard/express'
import { tutorial } from '@rolecall/server/tutorial'
import express from 'express'
import type { Lab } from '../start/launcher.ts'

/**
 * The Hello World API on Express, with live authorization, for the client of the running system.
 * @param authority file of the certificate authority to trust, where the issuer is https
 */
export async function startExpressApi(
  { issuer, audience, client_url, applications: { api } }: Lab,
  authority?: string,
): Promise<{ url: string; close: () => Promise<void> }> {
  if (authority !== undefined)
    setDefaultCACertificates([...getCACertificates('default'), await readFile(authority, 'utf8')])
  const guard = createGuard({
    issuer,
    audience,
    live: { clientId: api.client_id, clientSecret: api.client_secret ?? '' },
    respond: ({ code, status, reason }) => ({
      status,
      body: code === 'insufficient_scope' ? tutorial.messages.denied : { message: reason },
    }),
  })
  await guard.refreshKeys()
  const app = express()
  app.use((request, response, next) => {
    response.set({
      'access-control-allow-origin': client_url,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-expose-headers': 'WWW-Authenticate',
    })
    if (request.method === 'OPTIONS') response.status(204).end()
    else next()
  })
  const { routes, messages } = tutorial
  app.get(
    routes.public,
    requires(guard, 'optional'),
    (_request, response) => void response.json(messages.public),
  )
  app.get(routes.protected, requires(guard), (_request, response) => void response.json(messages.protected))
  app.get(
    routes.admin,
    requires(guard, permission(tutorial.permission.value)),
    (_request, response) => void response.json(messages.admin),
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      guard.close()
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
