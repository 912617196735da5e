import { after } from 'node:test'
import { managementAudience } from '@rolecall/contract'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { importJWK, SignJWT } from 'jose'
import { createApp } from '../app.ts'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { createMailer } from '../mail/mailer.ts'
import type { Store } from '../store/store.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects, type SystemObjects } from '../system-objects.ts'
import { testConfig } from '../testing/config.ts'
import { openTestKeyRing, testSealer } from '../testing/keys.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** The server with an application that may do everything on the Management API. */
export interface ManagementServer extends SystemObjects {
  app: FastifyInstance
  ctx: Context
  keys: KeyRing
  /** Makes a token. `claims` replaces claims of a valid one. */
  token(sub: string, scopes: readonly string[], claims?: Record<string, unknown>): Promise<string>
  /** The client id of the application that holds every scope. */
  clientId: string
  /** A call by that application, or with the token that `as` names (empty: none). */
  call: (method: Method, path: string, body?: unknown, as?: string) => Promise<Answer>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface Answer {
  status: number
  headers: LightMyRequestResponse['headers']
  // A test reads whatever came; its assertions say what that should have been.
  body: Body
}

type Body = { [name: string]: Body } & Body[]

/** For a server that all tests of a suite share: call it in `describe`, and hand it on in `before`. */
export function untilTheEnd(): Cleanup {
  const works: (() => Promise<void>)[] = []
  after(async () => {
    for (const work of works) await work()
  })
  return { after: (work) => void works.push(work) }
}

/** Composes the server on a new store. It does not listen: calls are injected. */
export async function startManagement(
  t: Cleanup,
  kind: { open(t: Cleanup): Promise<Store> },
  clock: Clock = Date.now,
  settings: Partial<Config> = {},
): Promise<ManagementServer> {
  const config = testConfig(settings)
  let app: FastifyInstance | undefined
  t.after(async () => app?.close())
  const store = await kind.open(t)
  const mailer = createMailer(config, store, clock)
  const ctx: Context = { config, store, clock, sealer: testSealer, mailer }
  const objects = await ensureSystemObjects(ctx)
  const keys = await openTestKeyRing(ctx)
  app = await createApp(ctx, keys)
  const server = app

  const { application } = await transaction(ctx, (tx) =>
    createApplication(tx, { name: 'Everything', app_type: 'non_interactive' }),
  )
  const { clientId } = application
  const all = objects.managementApi.permissions.map(({ value }) => value)
  await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId, apiId: objects.managementApi.id, scope: all }),
  )

  const { kid, alg, privateJwk } = keys.current()
  const key = await importJWK(privateJwk, alg)
  const token: ManagementServer['token'] = (sub, scopes, claims = {}) => {
    const seconds = Math.floor(clock() / 1000)
    return new SignJWT({
      iss: config.issuer,
      aud: managementAudience(config.issuer),
      sub,
      // As in a tenant: people manage through the dashboard.
      azp: sub.endsWith('@clients') ? clientId : objects.dashboard.clientId,
      iat: seconds,
      exp: seconds + 3_600,
      scope: scopes.join(' '),
      permissions: scopes,
      ...claims,
    })
      .setProtectedHeader({ alg, kid, typ: 'JWT' })
      .sign(key)
  }
  const defaultToken = await token(`${clientId}@clients`, all)

  return {
    ...objects,
    app: server,
    ctx,
    keys,
    token,
    clientId,
    async call(method, path, body, as = defaultToken) {
      const answer = await server.inject({
        method,
        url: `/api/v2${path}`,
        headers: {
          ...(as !== '' && { authorization: `Bearer ${as}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const isJson = String(answer.headers['content-type']).startsWith('application/json')
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: (answer.body && isJson ? answer.json() : answer.body) as Body,
      }
    },
  }
}
