import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import type { Context } from '../../context.ts'
import { addProvider, addProviderUser } from '../../roles/testing-provider.ts'
import type { Store } from '../../store/store.ts'
import { transaction } from '../../store/transaction.ts'
import { ensureSystemObjects } from '../../system-objects.ts'
import { startServer, type TestServer } from '../server.ts'
import { requestToken } from '../tutorial.ts'
import { oauthObjects } from './oauth-objects.ts'
import { type Call, type FuzzAnswer, type FuzzObject, type Makers, send } from './request.ts'

/** A server with objects to name in requests. */
export interface World extends TestServer {
  /** An object that exists. It is a new one after `uses` requests, because requests change and delete objects. */
  find(kind: string, uses: number): Promise<FuzzObject>
  /** A token for the Management API with every scope. */
  token(): Promise<string>
  /** Asks nobody for a second factor: the users of later requests have none. */
  resetFactorPolicy(): Promise<void>
  close(): Promise<void>
}

export async function openWorld(kind: {
  open(t: { after(clean: () => Promise<void>): void }): Promise<Store>
}): Promise<World> {
  const cleanups: (() => Promise<void>)[] = []
  const cleanup = { after: (clean: () => Promise<void>) => void cleanups.push(clean) }
  // Each request comes from a different address, so that the rate limit does not apply.
  const server = await startServer(cleanup, kind, {
    config: { trustProxy: ['127.0.0.1'], logLevel: 'error' },
    // Where keys work over http.
    issuerHost: 'localhost',
  })
  const { ctx, keys, issuer } = server
  // Requests set the addresses of streams.
  await server.app.logStreams.close()
  const { managementApi } = await ensureSystemObjects(ctx)
  const { application, clientSecret } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Everything',
      app_type: 'non_interactive',
    }),
  )
  const { clientId } = application
  const scope = managementApi.permissions.map(({ value }) => value)
  await transaction(ctx, (tx) => createClientGrant(tx, { clientId, apiId: managementApi.id, scope }))

  const tokens = new Map<string, string>()
  const token = async () => {
    const { kid } = keys.current()
    const known = tokens.get(kid)
    if (known !== undefined) return known
    const answer = await requestToken(server, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret ?? '',
      audience: managementApi.identifier,
    })
    if (answer.status !== 200) throw new Error(`no management token: ${JSON.stringify(answer.body)}`)
    tokens.set(kid, answer.body.access_token)
    return answer.body.access_token
  }

  const call = async (method: string, path: string, body?: unknown): Promise<FuzzAnswer> => {
    const answer = await send(issuer, {
      method,
      target: `/api/v2${path}`,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer
  }

  const echo = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  cleanup.after(async () => void echo.close())
  const makers: Makers = {
    ...managementObjects(call, { count: 0 }),
    echo: async () => ({ url: `http://127.0.0.1:${(echo.address() as AddressInfo).port}/` }),
    caller: async () => ({ token: await token() }),
    ...oauthObjects(server, call),
    ...accountsOfProvider(server.ctx, call),
  }
  const objects = new Map<string, { object: FuzzObject; left: number }>()
  return {
    ...server,
    token,
    async resetFactorPolicy() {
      await call('PATCH', '/rolecall/factor-policy', {
        policy: 'optional',
        factors: { otp: true, 'webauthn-roaming': true, 'recovery-code': true },
        owners: false,
        roles: [],
        apis: [],
      })
    },
    async find(name, uses) {
      const make = makers[name]
      if (!make) throw new Error(`There is no kind of object ${name}`)
      let known = objects.get(name)
      if (!known || known.left <= 0) {
        known = { object: await make(), left: name === 'new' ? 1 : uses }
        objects.set(name, known)
      }
      known.left--
      return known.object
    },
    async close() {
      for (const clean of cleanups) await clean()
    },
  }
}

/** Users of another provider, and users with such an account. */
function accountsOfProvider(ctx: Context, call: Call): Makers {
  let count = 0
  let provider: ReturnType<typeof addProvider> | undefined
  const account = async () => {
    provider ??= addProvider(ctx, 'Corporate')
    const subject = `account-${++count}`
    await addProviderUser(ctx, await provider, subject)
    return `Corporate|${subject}`
  }
  return {
    accounts: async () => ({ account: await account() }),
    async linked() {
      const linked = await account()
      // Without a password the account could not be unlinked.
      const password = 'a lantern on the 3rd bridge'
      const email = `linked-${count}@example.com`
      const made = await call('POST', '/users', { connection, email, password, verify_email: false })
      const { user_id: id = '' } = JSON.parse(made.text) as Record<string, string>
      const path = `/users/${encodeURIComponent(id)}/identities`
      await call('POST', path, { provider: 'oidc', user_id: linked })
      return { id, account: linked }
    },
  }
}

const connection = 'Username-Password-Authentication'

function managementObjects(call: Call, unique: { count: number }): Makers {
  const word = () => `w${++unique.count}`
  const make = async (path: string, body: unknown) =>
    JSON.parse((await call('POST', path, body)).text) as Record<string, string>
  const user = async (): Promise<FuzzObject> => {
    const email = `${word()}@example.com`
    const made = await make('/users', { connection, email, verify_email: false })
    return { id: made['user_id'] ?? '', email }
  }
  const api = async (): Promise<FuzzObject> => {
    const identifier = `https://${word()}.test`
    const scopes = [{ value: 'read:x' }, { value: 'write:x' }]
    return { id: (await make('/resource-servers', { identifier, scopes }))['id'] ?? '', identifier }
  }
  const client = async (app_type = 'non_interactive'): Promise<FuzzObject> => ({
    id: (await make('/clients', { name: word(), app_type }))['client_id'] ?? '',
  })
  const pem = () =>
    String(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
    )
  const signingKeys = async () =>
    JSON.parse((await call('GET', '/keys/signing')).text) as Record<string, string | boolean>[]
  return {
    new: async () => ({ word: word() }),
    users: user,
    apis: api,
    clients: client,
    roles: async () => ({ id: (await make('/roles', { name: word() }))['id'] ?? '' }),
    connections: async () => ({
      id: (await make('/connections', { name: word(), strategy: 'auth0' }))['id'] ?? '',
    }),
    // Reserved names resolve nowhere (RFC 6761).
    providers: async () => {
      const options = { client_id: 'fuzz', issuer: 'https://id.invalid' }
      return { id: (await make('/connections', { name: word(), strategy: 'oidc', options }))['id'] ?? '' }
    },
    migrations: async () => {
      const options = { lazy_migration: { source: 'webhook', enabled: true, url: 'https://users.invalid/' } }
      return { id: (await make('/connections', { name: word(), strategy: 'auth0', options }))['id'] ?? '' }
    },
    grants: async () => {
      const body = {
        client_id: (await client())['id'],
        audience: (await api())['identifier'],
        scope: ['read:x'],
      }
      return { id: (await make('/client-grants', body))['id'] ?? '' }
    },
    credentials: async () => {
      const { id = '' } = await client()
      const made = await make(`/clients/${id}/credentials`, { credential_type: 'public_key', pem: pem() })
      return { client: id, id: made['id'] ?? '' }
    },
    keys: async () => ({ kid: String((await signingKeys())[0]?.['kid']), pem: pem() }),
    previousKey: async () => {
      const previous = async () =>
        (await signingKeys()).find((key) => key['previous'] === true && key['revoked'] !== true)
      let found = await previous()
      if (!found) {
        await call('POST', '/keys/signing/rotate')
        found = await previous()
      }
      return { kid: String(found?.['kid']) }
    },
    jobs: async () => ({ id: (await make('/jobs/users-exports', {}))['id'] ?? '' }),
    exports: async () => {
      const { id = '' } = await make('/jobs/users-exports', {})
      for (;;) {
        const job = JSON.parse((await call('GET', `/jobs/${id}`)).text) as Record<string, string>
        if (job['location'] === undefined) {
          if (job['status'] === 'failed') throw new Error('the export failed')
          continue
        }
        const { searchParams } = new URL(job['location'])
        return { id, ...Object.fromEntries(searchParams) }
      }
    },
    streams: async () => {
      const all = JSON.parse((await call('GET', '/log-streams')).text) as Record<string, string>[]
      for (const { id } of all) await call('DELETE', `/log-streams/${id}`)
      const sink = { httpEndpoint: 'http://127.0.0.1:9/' }
      return { id: (await make('/log-streams', { type: 'http', status: 'paused', sink }))['id'] ?? '' }
    },
    logs: async () => {
      await user()
      const [entry] = JSON.parse((await call('GET', '/logs?per_page=1')).text) as Record<string, string>[]
      return { id: entry?.['log_id'] ?? '' }
    },
    passwordTickets: async () => {
      const { id } = await user()
      return { ticket: ticketOf((await make('/tickets/password-change', { user_id: id }))['ticket']) }
    },
    emailTickets: async () => {
      const { id } = await user()
      return { ticket: ticketOf((await make('/tickets/email-verification', { user_id: id }))['ticket']) }
    },
  }
}

function ticketOf(url = ''): string {
  return new URL(url).searchParams.get('ticket') ?? ''
}
