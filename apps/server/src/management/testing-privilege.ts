import { generateKeyPairSync } from 'node:crypto'
import { managementAudience } from '@rolecall/contract'
import { createApi } from '../apis/apis.ts'
import { createApplication } from '../applications/applications.ts'
import { addCredential } from '../applications/credentials.ts'
import { createClientGrant } from '../applications/grants.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import { recordConsent } from '../consents/consents.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import type { ManagementServer } from './testing.ts'

/** No route of the Management API that changes something asks for it, so no caller of the tests holds it. */
export const beyond = 'read:prompts'

/** Objects that hold `beyond`, and ordinary ones to give it to or to take from them. */
export type Protected = Awaited<ReturnType<typeof createProtected>>

export async function createProtected({ ctx, call, managementApi, ownerRole, dashboard }: ManagementServer) {
  const audience = managementAudience(ctx.config.issuer)
  const grants = [{ api: audience, permission: beyond }]
  const ordinary = { api: 'https://orders.test', permission: 'read:orders' }
  const orders = await transaction(ctx, (tx) =>
    createApi(tx, ctx.sealer, {
      identifier: ordinary.api,
      name: 'Orders',
      permissions: [{ value: ordinary.permission, description: '' }],
    }),
  )
  const connection = await findConnection(ctx.store.db, defaultConnectionName)
  if (!connection) throw new Error('There is no default connection')

  const owner = await transaction(ctx, (tx) =>
    createUser(tx, { connection: connection.name, email: 'owner@x.test' }),
  )
  const friend = await transaction(ctx, (tx) =>
    createUser(tx, { connection: connection.name, email: 'friend@x.test' }),
  )
  const mightyRole = await transaction(ctx, (tx) => createRole(tx, { name: 'Mighty' }))
  const plainRole = await transaction(ctx, (tx) => createRole(tx, { name: 'Plain' }))
  await transaction(ctx, (tx) => addPermissionsToRole(tx, mightyRole.id, [...grants, ordinary]))
  await transaction(ctx, (tx) => assignRoles(tx, owner.userId, [ownerRole.id, plainRole.id]))
  await transaction(ctx, (tx) => assignPermissions(tx, owner.userId, [...grants, ordinary]))

  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  const credential = { credential_type: 'public_key' as const, pem: String(pem) }
  const apiId = managementApi.id
  const newApplication = async (name: string) =>
    (await transaction(ctx, (tx) => createApplication(tx, { name, app_type: 'regular_web' }))).application
      .clientId
  const automation = await newApplication('Automation')
  const automationGrant = await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId: automation, apiId, scope: [beyond] }),
  )
  const ordersGrant = await transaction(ctx, (tx) =>
    createClientGrant(tx, {
      clientId: automation,
      apiId: orders.id,
      scope: [ordinary.permission],
    }),
  )
  const { id: key } = await transaction(ctx, (tx) => addCredential(tx, automation, credential))
  const portal = await newApplication('Portal of the administrators')
  const portalGrant = await transaction(ctx, (tx) =>
    createClientGrant(tx, {
      clientId: portal,
      apiId,
      subjectType: 'user',
      allowAllScopes: true,
    }),
  )
  const plainApplication = await newApplication('Plain')
  await transaction(ctx, (tx) =>
    recordConsent(tx, {
      userId: owner.userId,
      clientId: plainApplication,
      apiId: orders.id,
      protocolScopes: ['openid'],
      permissions: [ordinary.permission],
    }),
  )
  const [consent] = await ctx.store.db.selectFrom('consents').select('id').execute()
  if (!consent) throw new Error('There is no consent')
  const created = await call('POST', '/connections', {
    name: 'Staff',
    strategy: 'auth0',
    enabled_clients: [automation, portal],
  })
  return {
    audience,
    connection,
    owner,
    friend,
    mightyRole: mightyRole.id,
    plainRole: plainRole.id,
    ownerRole: ownerRole.id,
    managementApi: managementApi.id,
    automation,
    portal,
    dashboard: dashboard.clientId,
    plainApplication,
    consent: consent.id,
    key,
    credential,
    automationGrant: automationGrant.id,
    ordersGrant: ordersGrant.id,
    portalGrant: portalGrant.id,
    staff: String(created.body['id']),
    ordinary: refs(ordinary.api, ordinary.permission),
    beyond: refs(audience, beyond),
  }
}

const refs = (resource_server_identifier: string, permission_name: string) => ({
  permissions: [{ resource_server_identifier, permission_name }],
})

export interface Attempt {
  path: string
  body?: unknown
  /** What the log says it would have acted on; absent where the path alone says it. */
  target?: { type: string; id: string }
  /** Refused by another rule, because no caller may change it. */
  errorCode?: string
}

/**
 * For every route that changes something: attempts on an object that holds more than the caller, or the reason why there
 * is no such object. A route that is not here fails the test.
 */
export const attempts: Record<string, string | ((made: Protected) => Attempt[])> = {
  'POST /resource-servers': 'a new API has no management scopes',
  'PATCH /resource-servers/:id': (made) => [
    ...onSystemApi(made, { subject_type_authorization: { user: { policy: 'allow_all' } } }),
    ...onSystemApi(made, { scopes: [] }),
  ],
  'DELETE /resource-servers/:id': (made) => onSystemApi(made, undefined),

  'POST /roles': 'a new role holds nothing',
  'PATCH /roles/:id': (made) => onRoles(made, '', [{ name: 'Viewer' }, { description: 'x' }]),
  'DELETE /roles/:id': (made) => onRoles(made, '', [undefined]),
  'POST /roles/:id/permissions': (made) => [
    ...onRoles(made, '/permissions', [made.ordinary, made.beyond]),
    { path: `/roles/${made.plainRole}/permissions`, body: made.beyond },
  ],
  'DELETE /roles/:id/permissions': (made) => onRoles(made, '/permissions', [made.ordinary, made.beyond]),
  'POST /roles/:id/users': (made) => onRoles(made, '/users', [{ users: [made.friend.userId] }]),

  'DELETE /grants/:id': (made) => [
    { path: `/grants/${made.consent}`, target: { type: 'user', id: made.owner.userId } },
  ],
  'DELETE /grants': (made) => [
    {
      path: `/grants?user_id=${encodeURIComponent(made.owner.userId)}`,
      target: { type: 'user', id: made.owner.userId },
    },
  ],

  'POST /users': 'a new user holds nothing',
  'PATCH /users/:id': (made) =>
    onOwner(made, '', [
      { password: 'a lantern on the 3rd bridge' },
      { email: 'mine@x.test' },
      { email_verified: true },
      { verify_email: true },
      { username: 'owner' },
      { blocked: true },
      { blocked: false },
      { name: 'x' },
      { phone_number: '+4912345678' },
      { user_metadata: { x: 1 } },
      { app_metadata: { x: 1 } },
      {},
    ]),
  'DELETE /users/:id': (made) => onOwner(made, '', [undefined]),
  'POST /users/:id/roles': ({ friend, mightyRole, plainRole, ownerRole }) =>
    [mightyRole, ownerRole].map((id) => ({
      path: `${pathOf(friend)}/roles`,
      body: { roles: [plainRole, id] },
      target: { type: 'role', id },
    })),
  'DELETE /users/:id/roles': (made) =>
    onOwner(made, '/roles', [{ roles: [made.plainRole] }, { roles: [made.ownerRole] }]),
  'POST /users/:id/permissions': ({ friend, beyond: body }) => [
    { path: `${pathOf(friend)}/permissions`, body },
  ],
  'DELETE /users/:id/permissions': (made) => onOwner(made, '/permissions', [made.ordinary, made.beyond]),
  'DELETE /users/:id/sessions': (made) => onOwner(made, '/sessions', [undefined]),
  'DELETE /users/:id/refresh-tokens': (made) => onOwner(made, '/refresh-tokens', [undefined]),
  'POST /users/:id/revoke-access': (made) =>
    onOwner(made, '/revoke-access', [undefined, { preserve_refresh_tokens: true }]),
  'DELETE /user-blocks/:id': ({ owner }) => [
    { path: `/user-blocks/${encodeURIComponent(owner.userId)}`, target: targetOf(owner) },
  ],
  'DELETE /user-blocks': ({ owner }) => [
    { path: `/user-blocks?identifier=${owner.email}`, target: targetOf(owner) },
    { path: `/user-blocks?identifier=${owner.email.toUpperCase()}`, target: targetOf(owner) },
  ],

  'POST /clients': 'a new application has no client grant',
  'PATCH /clients/:id': (made) =>
    onApplications(made, '', [
      { token_endpoint_auth_method: 'none' },
      { token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] },
      { token_endpoint_auth_method: 'client_secret_basic' },
      { token_endpoint_auth_method: null },
      { grant_types: ['client_credentials', 'password'] },
      { grant_types: [] },
      { client_secret: 'x'.repeat(40) },
      { client_secret: 'x'.repeat(40), description: 'x' },
      { client_authentication_methods: null },
      { client_authentication_methods: { private_key_jwt: { credentials: [{ id: made.key }] } } },
      { client_authentication_methods: { private_key_jwt: { credentials: [made.credential] } } },
      { callbacks: ['https://evil.test/cb'] },
      { web_origins: ['https://evil.test'] },
      { allowed_origins: ['https://evil.test'] },
      { allowed_logout_urls: ['https://evil.test'] },
      { allowed_clients: ['x'] },
      { client_aliases: ['x'] },
      { cross_origin_authentication: true },
      { initiate_login_uri: 'https://evil.test' },
      { is_first_party: true },
      { app_type: 'spa' },
      { refresh_token: { rotation_type: 'non-rotating', expiration_type: 'non-expiring' } },
      { jwt_configuration: { lifetime_in_seconds: 2_592_000 } },
      { require_proof_of_possession: false },
      { name: 'x' },
      { description: null },
      { a_member_of_tomorrow: true },
      {},
    ]),
  'DELETE /clients/:id': (made) => onApplications(made, '', [undefined]),
  'POST /clients/:id/rotate-secret': (made) => onApplications(made, '/rotate-secret', [undefined]),
  'POST /clients/:id/credentials': (made) => onApplications(made, '/credentials', [made.credential]),
  'PATCH /clients/:id/credentials/:credential': ({ automation, key }) =>
    [{ expires_at: null }, { expires_at: '2020-01-01T00:00:00.000Z' }].map((body) => ({
      path: `/clients/${automation}/credentials/${key}`,
      body,
      target: { type: 'client', id: automation },
    })),
  'DELETE /clients/:id/credentials/:credential': ({ automation, key }) => [
    { path: `/clients/${automation}/credentials/${key}`, target: { type: 'client', id: automation } },
  ],

  'POST /client-grants': ({ audience, plainApplication }) =>
    ['client', 'user'].flatMap((subject_type) =>
      [{ scope: [beyond] }, { allow_all_scopes: true }].map((given) => ({
        path: '/client-grants',
        body: { client_id: plainApplication, audience, subject_type, ...given },
        target: { type: 'client', id: plainApplication },
      })),
    ),
  'PATCH /client-grants/:id': (made) =>
    onGrants(made, [
      { scope: [] },
      { scope: [beyond] },
      { allow_all_scopes: true },
      { allow_all_scopes: false },
      { organization_usage: 'allow' },
      {},
    ]),
  'DELETE /client-grants/:id': (made) => onGrants(made, [undefined]),

  'POST /connections': ({ automation, portal, dashboard }) =>
    [automation, portal, dashboard].map((id) => ({
      path: '/connections',
      body: { name: 'Mine', strategy: 'auth0', enabled_clients: [id] },
      target: { type: 'client', id },
    })),
  'PATCH /connections/:id': ({ connection, staff, dashboard, automation }) => [
    ...[
      { options: {} },
      { options: { ...connection.options, brute_force_protection: false } },
      { options: { ...connection.options, passwordPolicy: 'none' } },
      { options: { ...connection.options, a_member_of_tomorrow: true } },
      { authentication: { active: false } },
      { realms: ['x'] },
    ].map((body) => ({
      path: `/connections/${connection.id}`,
      body,
      target: { type: 'connection', id: connection.id },
    })),
    { path: `/connections/${connection.id}`, body: { enabled_clients: [] } },
    {
      path: `/connections/${staff}`,
      body: { enabled_clients: [automation] },
    },
    { path: `/connections/${staff}`, body: { enabled_clients: [dashboard] } },
  ],
  'DELETE /connections/:id': ({ staff }) => [{ path: `/connections/${staff}` }],
  'PATCH /connections/:id/clients': ({
    connection,
    staff,
    automation,
    portal,
    dashboard,
    plainApplication,
  }) => [
    ...[automation, portal].map((client_id) => ({
      path: `/connections/${staff}/clients`,
      body: [
        { client_id: plainApplication, status: true },
        { client_id, status: false },
      ],
      target: { type: 'client', id: client_id },
    })),
    ...[false, true].map((status) => ({
      path: `/connections/${status ? staff : connection.id}/clients`,
      body: [{ client_id: dashboard, status }],
      target: { type: 'client', id: dashboard },
    })),
  ],

  'PATCH /tenants/settings':
    'no setting decides who somebody is: default_directory is not read, a default_audience gives no scope without a client grant, and lifetimes hold for everybody alike',
  'POST /keys/signing/rotate': 'a key holds no management scope; tokens of the previous one stay good',
  'PUT /keys/signing/:kid/revoke': 'a key holds no management scope; it ends the tokens of everybody alike',
  'POST /tickets/password-change': (made) =>
    onTickets(made, { email: made.owner.email, connection_id: made.connection.id }),
  'POST /tickets/email-verification': (made) => onTickets(made),
  'POST /jobs/users-exports': 'it reads users; no password is exported',
  'POST /jobs/users-imports': 'each user of the file is taken or refused alone: see the test of it',
  'POST /jobs/verification-email': ({ owner }) => [
    { path: '/jobs/verification-email', body: { user_id: owner.userId }, target: targetOf(owner) },
  ],
  'POST /rolecall/call': 'it changes nothing here, and calls with a token that the caller has',
}

function onSystemApi({ managementApi, audience }: Protected, body: unknown): Attempt[] {
  return [managementApi, encodeURIComponent(audience)].map((id) => ({
    path: `/resource-servers/${id}`,
    body,
    errorCode: 'operation_not_allowed',
  }))
}

function onRoles({ mightyRole, ownerRole }: Protected, path: string, bodies: unknown[]): Attempt[] {
  return [mightyRole, ownerRole].flatMap((id) =>
    bodies.map((body) => ({ path: `/roles/${id}${path}`, body, target: { type: 'role', id } })),
  )
}

function onOwner({ owner }: Protected, path: string, bodies: unknown[]): Attempt[] {
  return bodies.map((body) => ({ path: `${pathOf(owner)}${path}`, body, target: targetOf(owner) }))
}

function onApplications(
  { automation, portal, dashboard }: Protected,
  path: string,
  bodies: unknown[],
): Attempt[] {
  return [automation, portal, dashboard].flatMap((id) =>
    bodies.map((body) => ({ path: `/clients/${id}${path}`, body, target: { type: 'client', id } })),
  )
}

function onGrants(made: Protected, bodies: unknown[]): Attempt[] {
  const { automation, portal, automationGrant, ordersGrant, portalGrant } = made
  return Object.entries({
    [automationGrant]: automation,
    [ordersGrant]: automation,
    [portalGrant]: portal,
  }).flatMap(([grant, id]) =>
    bodies.map((body) => ({ path: `/client-grants/${grant}`, body, target: { type: 'client', id } })),
  )
}

function onTickets({ owner }: Protected, ...bodies: unknown[]): Attempt[] {
  return [{ user_id: owner.userId }, ...bodies].map((body) => ({
    path: '',
    body,
    target: targetOf(owner),
  }))
}

const pathOf = ({ userId }: { userId: string }) => `/users/${encodeURIComponent(userId)}`
const targetOf = ({ userId }: { userId: string }) => ({ type: 'user', id: userId })
