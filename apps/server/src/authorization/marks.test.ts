import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createApi } from '../apis/apis.ts'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { recordConsent } from '../consents/consents.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { currentPosition, marksAfter } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'

const audience = 'https://orders.test'
const read = 'read:orders'
const refs = { permissions: [{ resource_server_identifier: audience, permission_name: read }] }

/** New objects for one request: an API, a role with its permission, a user with both, an application with a grant. */
async function makeObjects({ ctx, call }: ManagementServer) {
  const made = await transaction(ctx, async (tx) => {
    const permissions = [read, 'write:orders'].map((value) => ({ value, description: '' }))
    const api = await createApi(tx, ctx.sealer, { identifier: audience, permissions })
    const role = await createRole(tx, { name: 'Clerk' })
    await addPermissionsToRole(tx, role.id, [{ api: audience, permission: read }])
    const user = await createUser(tx, { connection: defaultConnectionName, email: 'clerk@x.test' })
    await assignRoles(tx, user.userId, [role.id])
    await assignPermissions(tx, user.userId, [{ api: audience, permission: read }])
    const { application } = await createApplication(tx, { name: 'Shop', app_type: 'regular_web' })
    const { clientId } = application
    const grant = await createClientGrant(tx, { clientId, apiId: api.id, scope: [read] })
    const consented = {
      userId: user.userId,
      clientId,
      apiId: api.id,
      protocolScopes: [],
      permissions: [read],
    }
    await recordConsent(tx, consented)
    const consent = await tx.db.selectFrom('consents').select('id').executeTakeFirstOrThrow()
    return {
      api: api.id,
      role: role.id,
      user: user.userId,
      client: clientId,
      grant: grant.id,
      consent: consent.id,
    }
  })
  const enabled_clients = [made.client]
  const connection = await call('POST', '/connections', { name: 'Shop', strategy: 'auth0', enabled_clients })
  return { ...made, connection: String(connection.body['id']) }
}

async function deleteObjects({ call }: ManagementServer, made: Objects) {
  await call('DELETE', `/users/${made.user}`)
  await call('DELETE', `/clients/${made.client}`)
  await call('DELETE', `/roles/${made.role}`)
  await call('DELETE', `/resource-servers/${made.api}`)
  await call('DELETE', `/connections/${made.connection}`)
}

type Objects = Awaited<ReturnType<typeof makeObjects>>

interface Row {
  path?: (made: Objects) => string
  body?: unknown
  /** The marks, in words: what it takes (`-`) or gives (`+`), from whom. */
  marks: (made: Objects) => string[]
}

const permission = `${audience} ${read}`
const none = Symbol('no token gets more or less by it')

/** Every route that changes something. The test fails for a route that is missing here. */
const rows: Record<string, (Row | Row[]) | typeof none> = {
  'POST /resource-servers': none,
  'PATCH /resource-servers/:id': [
    { path: ({ api }) => `/resource-servers/${api}`, body: { name: 'New' }, marks: () => [] },
    {
      path: ({ api }) => `/resource-servers/${api}`,
      body: { enforce_policies: true },
      marks: () => [`- ${audience}`],
    },
    {
      path: ({ api }) => `/resource-servers/${api}`,
      body: { token_dialect: 'access_token_authz' },
      marks: () => [`- ${audience}`],
    },
    {
      path: ({ api }) => `/resource-servers/${api}`,
      body: { scopes: [{ value: 'write:orders' }, { value: 'new:orders' }] },
      marks: () => [`- ${permission}`, `+ ${audience} new:orders`],
    },
  ],
  'DELETE /resource-servers/:id': {
    path: ({ api }) => `/resource-servers/${api}`,
    marks: () => [`- ${audience}`],
  },
  'POST /roles': none,
  'PATCH /roles/:id': none,
  'DELETE /roles/:id': { path: ({ role }) => `/roles/${role}`, marks: () => [`- ${permission}`] },
  'POST /roles/:id/permissions': {
    path: ({ role }) => `/roles/${role}/permissions`,
    body: refs,
    marks: () => [`+ ${permission}`],
  },
  'DELETE /roles/:id/permissions': {
    path: ({ role }) => `/roles/${role}/permissions`,
    body: refs,
    marks: () => [`- ${permission}`],
  },
  'POST /roles/:id/users': none,
  'POST /users': none,
  'PATCH /users/:id': [
    { path: ({ user }) => `/users/${user}`, body: { name: 'New' }, marks: () => [] },
    { path: ({ user }) => `/users/${user}`, body: { blocked: true }, marks: ({ user }) => [`- ${user}`] },
    {
      path: ({ user }) => `/users/${user}`,
      body: { password: 'correct horse battery staple' },
      marks: ({ user }) => [`- ${user}`],
    },
  ],
  'DELETE /users/:id': { path: ({ user }) => `/users/${user}`, marks: ({ user }) => [`- ${user}`] },
  'POST /users/:id/roles': none,
  'DELETE /users/:id/roles': none,
  'POST /users/:id/permissions': {
    path: ({ user }) => `/users/${user}/permissions`,
    body: refs,
    marks: ({ user }) => [`+ ${user} ${permission}`],
  },
  'DELETE /users/:id/permissions': {
    path: ({ user }) => `/users/${user}/permissions`,
    body: refs,
    marks: ({ user }) => [`- ${user} ${permission}`],
  },
  'DELETE /users/:id/sessions': {
    path: ({ user }) => `/users/${user}/sessions`,
    marks: ({ user }) => [`- ${user}`],
  },
  'DELETE /sessions/:id': none,
  'DELETE /users/:id/refresh-tokens': {
    path: ({ user }) => `/users/${user}/refresh-tokens`,
    marks: ({ user }) => [`- ${user}`],
  },
  'POST /users/:id/revoke-access': {
    path: ({ user }) => `/users/${user}/revoke-access`,
    marks: ({ user }) => [`- ${user}`],
  },
  'DELETE /users/:id/authentication-methods': {
    path: ({ user }) => `/users/${user}/authentication-methods`,
    marks: ({ user }) => [`- ${user}`],
  },
  // Marked like the removal of all of them: `factors/factors.ts`.
  'DELETE /users/:id/authentication-methods/:method': none,
  'PATCH /users/:id/authentication-methods/:method': none,
  // It holds for the next log-in and the next token.
  'PUT /guardian/factors/:name': none,
  'PUT /guardian/policies': none,
  'PATCH /rolecall/factor-policy': none,
  'DELETE /user-blocks': none,
  'DELETE /user-blocks/:id': none,
  'POST /clients': none,
  'PATCH /clients/:id': [
    { path: ({ client }) => `/clients/${client}`, body: { name: 'New' }, marks: () => [] },
    {
      path: ({ client }) => `/clients/${client}`,
      body: { grant_types: ['client_credentials'] },
      marks: ({ client }) => [`- at ${client}`],
    },
    {
      path: ({ client }) => `/clients/${client}`,
      body: { grant_types: ['authorization_code'] },
      marks: ({ client }) => [`- ${client}@clients`],
    },
  ],
  'DELETE /clients/:id': {
    path: ({ client }) => `/clients/${client}`,
    marks: ({ client }) => [`- ${client}@clients`, `- at ${client}`],
  },
  // A new secret or key ends no token: those that were issued with the old one were issued to the application.
  'POST /clients/:id/rotate-secret': none,
  'DELETE /rolecall/clients/:id/secrets/previous': none,
  'POST /clients/:id/credentials': none,
  'PATCH /clients/:id/credentials/:credential': none,
  'DELETE /clients/:id/credentials/:credential': none,
  'POST /client-grants': none,
  'PATCH /client-grants/:id': [
    {
      path: ({ grant }) => `/client-grants/${grant}`,
      body: { scope: ['write:orders'] },
      marks: ({ client }) => [
        `- ${client}@clients ${permission}`,
        `+ ${client}@clients ${audience} write:orders`,
      ],
    },
    {
      path: ({ grant }) => `/client-grants/${grant}`,
      body: { allow_all_scopes: true },
      marks: ({ client }) => [`+ ${client}@clients ${audience} write:orders`],
    },
  ],
  'DELETE /client-grants/:id': {
    path: ({ grant }) => `/client-grants/${grant}`,
    marks: ({ client }) => [`- ${client}@clients ${audience}`],
  },
  'DELETE /grants/:id': {
    path: ({ consent }) => `/grants/${consent}`,
    marks: ({ user, client }) => [`- ${user} at ${client}`],
  },
  'DELETE /grants': {
    path: ({ user }) => `/grants?user_id=${user}`,
    marks: ({ user, client }) => [`- ${user} at ${client}`],
  },
  'POST /connections': none,
  'PATCH /connections/:id': {
    path: ({ connection }) => `/connections/${connection}`,
    body: { enabled_clients: [] },
    marks: ({ client }) => [`- at ${client}`],
  },
  // A connection without users only.
  'DELETE /connections/:id': none,
  'PATCH /connections/:id/clients': none,
  'POST /rolecall/connections/:id/lazy-migration/check': none,
  'POST /rolecall/connections/:id/provider/check': none,
  'PATCH /tenants/settings': none,
  // Tokens that a revoked key signed are refused because the key is no longer published.
  'POST /keys/signing/rotate': none,
  'PUT /keys/signing/:kid/revoke': none,
  'POST /tickets/password-change': none,
  'POST /tickets/email-verification': none,
  'POST /jobs/users-exports': none,
  // It changes neither the block nor the password of an existing user.
  'POST /jobs/users-imports': none,
  'POST /jobs/verification-email': none,
  'POST /log-streams': none,
  'PATCH /log-streams/:id': none,
  'DELETE /log-streams/:id': none,
  'POST /rolecall/log-streams/:id/retry': none,
  'POST /rolecall/call': none,
  'POST /rolecall/users/assign-roles': none,
  'POST /rolecall/users/remove-roles': none,
  'POST /rolecall/users/block': none,
  'POST /rolecall/users/unblock': none,
  'POST /rolecall/undo': none,
  'POST /authorization/explain': none,
  'POST /authorization/claims': none,
  'POST /authorization/preview': none,
  // What they mark: `identities/linking.test.ts`.
  'POST /users/:id/identities': none,
  'DELETE /users/:id/identities/:provider/:user_id': none,
  // What the rules of its changes mark: `apply.test.ts`.
  'POST /authorization/changes': none,
}
/** These need a body that names the objects. */
const named: Record<string, (made: Objects) => { path: string; body: unknown; marks: string[] }> = {
  'POST /roles/:id/users': ({ role, user }) => ({
    path: `/roles/${role}/users`,
    body: { users: [user] },
    marks: [`+ ${user} ${permission}`],
  }),
  'POST /users/:id/roles': ({ role, user }) => ({
    path: `/users/${user}/roles`,
    body: { roles: [role] },
    marks: [`+ ${user} ${permission}`],
  }),
  'DELETE /users/:id/roles': ({ role, user }) => ({
    path: `/users/${user}/roles`,
    body: { roles: [role] },
    marks: [`- ${user} ${permission}`],
  }),
  // The user has the role already.
  'POST /rolecall/users/assign-roles': ({ role, user }) => ({
    path: '/rolecall/users/assign-roles',
    body: { users: [{ user_id: user, roles: [role] }] },
    marks: [],
  }),
  'POST /rolecall/users/remove-roles': ({ role, user }) => ({
    path: '/rolecall/users/remove-roles',
    body: { users: [{ user_id: user, roles: [role] }] },
    marks: [`- ${user} ${permission}`],
  }),
  'POST /rolecall/users/block': ({ user }) => ({
    path: '/rolecall/users/block',
    body: { users: [{ user_id: user }] },
    marks: [`- ${user}`],
  }),
  'POST /client-grants': ({ client }) => ({
    path: '/client-grants',
    body: { client_id: client, audience, scope: [read], subject_type: 'user' },
    marks: [`+ at ${client} ${permission}`],
  }),
  'PATCH /connections/:id/clients': ({ connection, client }) => ({
    path: `/connections/${connection}/clients`,
    body: [{ client_id: client, status: false }],
    marks: [`- at ${client}`],
  }),
}

for (const kind of stores)
  describe(`marks on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.now()
    let server: ManagementServer

    before(async () => {
      server = await startManagement(end, kind, () => now++)
    })

    it('has a line for every route of the Management API that changes something', () => {
      const changing = server.app.managementRoutes
        .filter(({ method, scope }) => method !== 'GET' && method !== 'HEAD' && scope !== 'public')
        .map(({ method, url }) => `${method} ${url.slice('/api/v2'.length)}`)
      assert.deepEqual(Object.keys(rows).toSorted(), changing.toSorted())
    })

    it('writes the marks of each change, with the change', async () => {
      const { db } = server.ctx.store
      const cases = Object.entries(rows).flatMap(([name, row]) =>
        row === none ? [] : [row].flat().map((one) => [name, () => one] as const),
      )
      const all = [
        ...cases.map(
          ([name, of]) =>
            [
              name,
              (made: Objects) => ({
                path: of().path?.(made) ?? '',
                body: of().body,
                marks: of().marks(made),
              }),
            ] as const,
        ),
        ...Object.entries(named),
      ]
      for (const [name, of] of all) {
        const made = await makeObjects(server)
        const { path, body, marks } = of(made)
        const { number } = await currentPosition(db)
        const method = name.split(' ', 1)[0] as 'POST'
        const what = `${method} ${path} ${JSON.stringify(body)}`
        const answer = await server.call(method, path, body)
        assert.ok(answer.status < 300, `${what}: ${answer.status} ${JSON.stringify(answer.body)}`)
        const written = await marksAfter(db, number, 100)
        const relevant = written.filter(
          ({ application }) => application === undefined || application === made.client,
        )
        const words = relevant.map(({ effect, subject, application, audience: api, permissions = [] }) =>
          [
            effect === 'gain' ? '+' : '-',
            subject,
            application && `at ${application}`,
            api,
            ...permissions.toSorted(),
          ]
            .filter((word) => word !== undefined && word !== '')
            .join(' '),
        )
        assert.deepEqual(words, marks, what)
        await deleteObjects(server, made)
      }
    })

    it('writes one mark for a role, however many members it has', async () => {
      const { ctx } = server
      const made = await makeObjects(server)
      await transaction(ctx, async (tx) => {
        for (let index = 0; index < 50; index++) {
          const email = `member-${index}@x.test`
          const { userId } = await createUser(tx, { connection: defaultConnectionName, email })
          await assignRoles(tx, userId, [made.role])
        }
      })
      const { number } = await currentPosition(ctx.store.db)
      assert.equal((await server.call('DELETE', `/roles/${made.role}`)).status, 200)
      assert.equal((await marksAfter(ctx.store.db, number, 10)).length, 1)
      await deleteObjects(server, made)
    })

    it('numbers marks in the order of their commits, without a gap, also those of parallel changes', async () => {
      const { ctx } = server
      const { number: first } = await currentPosition(ctx.store.db)
      const users = await transaction(ctx, async (tx) => {
        const made = []
        for (let index = 0; index < 8; index++)
          made.push(
            await createUser(tx, { connection: defaultConnectionName, email: `order-${index}@x.test` }),
          )
        return made
      })
      const seen: number[][] = []
      await Promise.all(
        users.map(async ({ userId }, index) => {
          await server.call('PATCH', `/users/${userId}`, index % 2 ? { blocked: true } : { name: 'x' })
          // A reader that sees a mark sees all marks before it.
          seen.push((await marksAfter(ctx.store.db, first, 100)).map(({ number }) => number))
        }),
      )
      for (const numbers of seen)
        assert.deepEqual(
          numbers,
          numbers.map((_, index) => first + 1 + index),
        )
      assert.equal((await currentPosition(ctx.store.db)).number, first + 4)
    })

    it('writes no mark for a change that fails', async () => {
      const made = await makeObjects(server)
      const { number } = await currentPosition(server.ctx.store.db)
      const roles = { roles: ['rol_unknown000000'] }
      const path = `/users/${made.user}/roles`
      assert.equal((await server.call('DELETE', path, roles)).status, 404)
      assert.equal((await currentPosition(server.ctx.store.db)).number, number)
    })
  })
