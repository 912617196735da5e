import type { AddressInfo } from 'node:net'
import { managementAudience } from '@rolecall/contract'
import { createApp } from '../app.ts'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { openKeyRing } from '../keys/key-ring.ts'
import { createMailer } from '../mail/mailer.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/store.ts'
import { stores, temporaryDatabase } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import type { TestServer } from './server.ts'
import { requestToken } from './tutorial.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** What races run on: one server on SQLite, two servers on one PostgreSQL database. */
export interface NodesKind {
  name: string
  open(t: Cleanup): Promise<Store>
  /** Starts the second server where there is one. @returns the address of each server */
  addresses(t: Cleanup, first: TestServer): Promise<string[]>
}

export const nodesKinds: readonly NodesKind[] = stores.map((kind) =>
  kind.name === 'PostgreSQL' ? twoNodes() : oneNode(kind),
)

function oneNode({ name, open }: (typeof stores)[number]): NodesKind {
  return { name, open, addresses: async (_t, { issuer }) => [issuer] }
}

/** @param makeDatabase returns the URL of a migrated database that goes when the test is over */
export function twoNodes(makeDatabase: (t: Cleanup) => Promise<string> = temporaryDatabase): NodesKind {
  let databaseUrl = ''
  return {
    name: 'PostgreSQL with two servers',
    async open(t) {
      let store: Store | undefined
      t.after(async () => store?.close())
      databaseUrl = await makeDatabase(t)
      store = await openStore({ databaseUrl })
      return store
    },
    async addresses(t, first) {
      const store = await openStore({ databaseUrl })
      const { config, clock } = first.ctx
      const ctx = { ...first.ctx, store, mailer: createMailer(config, store, clock) }
      const app = await createApp(ctx, await openKeyRing(ctx))
      t.after(async () => {
        await app.close()
        await store.close()
      })
      await app.listen({ host: config.host, port: 0 })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on a port has this kind of address.
      const { port } = app.server.address() as AddressInfo
      return [first.issuer, `http://127.0.0.1:${port}/`]
    },
  }
}

/** Calls the Management API over HTTP with a token for every scope. @throws for a status that is not a success */
export async function managementCaller(server: TestServer) {
  const { managementApi } = await ensureSystemObjects(server.ctx)
  const { application, clientSecret } = await transaction(server.ctx, (tx) =>
    createApplication(tx, {
      name: 'Everything',
      app_type: 'non_interactive',
    }),
  )
  const scope = managementApi.permissions.map(({ value }) => value)
  await transaction(server.ctx, (tx) =>
    createClientGrant(tx, { clientId: application.clientId, apiId: managementApi.id, scope }),
  )
  const { body } = await requestToken(server, {
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: clientSecret ?? '',
    audience: managementAudience(server.issuer),
  })
  return async (method: string, path: string, json?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(`/api/v2${path}`, server.issuer), {
      method,
      headers: {
        authorization: `Bearer ${body.access_token}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`)
    return answer ? JSON.parse(answer) : undefined
  }
}
