import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import {
  addProvider,
  addProviderUser,
  assignRoles,
  createApplication,
  createClientGrant,
  createRole,
  createUser,
  findRoleByName,
  findSystemApi,
  findUserByEmail,
  logInWith,
  requestToken,
  startServer,
  transaction,
} from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { testTenant } from '../testing-tenant.ts'
import { mapAuth0Export } from './auth0-export.ts'

const connection = 'Username-Password-Authentication'
const stock = 'https://stock.example.com'

/** What auth0-deploy-cli exports of a tenant, with things that do not map. */
const exported = `
tenant:
  friendly_name: Moved
actions:
  - name: add-claims
    code: ./actions/add-claims/code.js
resourceServers:
  - identifier: ${stock}
    name: Stock
    enforce_policies: true
    scopes:
      - { value: read:stock, description: Read }
roles:
  - name: keeper
    permissions:
      - { permission_name: read:stock, resource_server_identifier: ${stock} }
clients:
  - name: Shop
    app_type: spa
    callbacks: ['https://shop.example.com/callback', 'https://*.preview.example.com/callback']
    grant_types: [authorization_code, implicit, refresh_token, password]
  - name: Job
    app_type: non_interactive
    grant_types: [client_credentials]
clientGrants:
  - { client_id: Job, audience: '${stock}', scope: [read:stock], subject_type: client }
  - { client_id: Job, audience: 'https://old.eu.auth0.com/api/v2/', scope: [read:roles, read:hooks], subject_type: client }
databases:
  - name: ${connection}
    strategy: auth0
    enabled_clients: [Shop]
    options:
      passwordPolicy: good
      import_mode: true
      customScripts: { login: ./databases/users/login.js }
connections:
  - name: partner
    strategy: oidc
    options: { type: front_channel, client_id: shop, issuer: 'https://id.example.com' }
  - name: google-oauth2
    strategy: google-oauth2
    options: { email: true }
`
const users = [
  {
    _id: { $oid: '5dea9f9c82dd7c0e76e4ec01' },
    email: 'eve@example.com',
    email_verified: true,
    passwordHash: '$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K',
  },
  { _id: { $oid: '5dea9f9c82dd7c0e76e4ec02' }, email: 'mfa@example.com', mfa_factors: [{}] },
]

describe('rolecall import-auth0', () => {
  it('imports configuration, users and assignments, and says what does not map', async (t) => {
    const { run, folder, ctx } = await testTenant(t)
    const { db } = ctx.store
    const [kind] = stores
    assert.ok(kind)
    // Its Management API is Auth0's.
    const old = await startServer(t, kind)
    const keeperId = await transaction(old.ctx, async (tx) => {
      const keeper = await createRole(tx, { name: 'Keeper' })
      for (const [userId, email] of [
        ['5dea9f9c82dd7c0e76e4ec01', 'eve@example.com'],
        ['5dea9f9c82dd7c0e76e4ec02', 'mfa@example.com'],
      ] as const) {
        const user = await createUser(tx, { connection, email, userId })
        await assignRoles(tx, user.userId, [keeper.id])
      }
      return keeper.id
    })
    // A role that another provider gives is not assigned.
    const corporate = await addProvider(old.ctx, 'Corporate')
    const given = await addProviderUser(old.ctx, corporate, 'gus')
    await logInWith(old.ctx, corporate, 'gus', given, [keeperId])
    const { clientId, token } = await oldToken(old)
    const profiles = {
      profiles: {
        old: {
          issuer: old.issuer,
          clientId,
          tokens: { accessToken: token, expiresAt: Date.now() + 3_600_000 },
        },
      },
    }
    const file = join(folder, '.config/rolecall/profiles.json')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(profiles))
    await writeFile(join(folder, 'tenant.yaml'), exported)
    await writeFile(join(folder, 'users.ndjson'), users.map((user) => `${JSON.stringify(user)}\n`).join(''))

    const dry = await run('import-auth0', 'tenant.yaml', '--dry-run')
    assert.equal(dry.code, 0, dry.notes)
    assert.equal(await findRoleByName(db, 'keeper'), undefined)
    for (const text of [
      'actions is no part of what rolecall manages',
      'The application Shop loses the grant types implicit, password',
      'https://*.preview.example.com/callback',
      'The grant of Job on the Management API loses 1 of 2 scopes',
      'The scripts of the database',
      'The connection partner exchanges a code with a client secret',
      'the connection google-oauth2 has the strategy google-oauth2, which is not supported',
    ])
      assert.ok(dry.out.includes(text), `${text}\n${dry.out}`)

    const done = await run(
      'import-auth0',
      'tenant.yaml',
      '--users',
      'users.ndjson',
      '--assignments-from',
      'old',
    )
    assert.equal(done.code, 0, done.notes)
    assert.match(done.out, /1 users inserted, 0 updated, 1 refused/)
    assert.match(
      done.out,
      /1 assignments of roles\.\n\nUsers who are not here:\n {2}auth0\|5dea9f9c82dd7c0e76e4ec02/,
    )
    assert.ok(!done.out.includes(given))
    assert.ok(await findRoleByName(db, 'keeper'))
    const eve = await findUserByEmail(db, connection, 'eve@example.com')
    assert.equal(eve?.userId, 'auth0|5dea9f9c82dd7c0e76e4ec01')
    const explained = await run('explain', 'read:stock', '--api', stock, '--user', 'eve@example.com')
    assert.equal(explained.code, 0, explained.out)

    const again = await run('import-auth0', 'tenant.yaml')
    assert.match(again.out, /^0 objects/)
  })

  it('changes nothing that this server has', () => {
    const desired = {
      clients: [{ name: 'a', grant_types: ['refresh_token'], callbacks: ['https://a.example.com/'] }],
    }
    assert.deepEqual(mapAuth0Export(desired, { identifier: 'x', scopes: [] }), { desired, report: [] })
  })
})

async function oldToken({ ctx, issuer }: Awaited<ReturnType<typeof startServer>>) {
  const api = await findSystemApi(ctx.store.db)
  assert.ok(api)
  const made = await transaction(ctx, async (tx) => {
    const created = await createApplication(tx, { name: 'Tool', app_type: 'non_interactive' })
    const grant = { clientId: created.application.clientId, apiId: api.id, allowAllScopes: true }
    await createClientGrant(tx, grant)
    return created
  })
  const { clientId } = made.application
  const { body } = await requestToken(
    { issuer },
    {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: made.clientSecret ?? '',
      audience: `${issuer}api/v2/`,
    },
  )
  return { clientId, token: body.access_token }
}
