import { generateKeyPairSync } from 'node:crypto'
import { managementAudience } from '@rolecall/contract'
import { createApi } from '../apis/apis.ts'
import { createApplication } from '../applications/applications.ts'
import { addCredential } from '../applications/credentials.ts'
import { createClientGrant } from '../applications/grants.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import { recordConsent } from '../consents/consents.ts'
import { insertIdentity } from '../identities/store.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { addProviderUser } from '../roles/testing-provider.ts'
import { insertArtifact } from '../sessions/store.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import type { ManagementServer } from './testing.ts'

/** No route that changes something requires this scope, so no caller of the tests holds it. */
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
  const session = 'session-of-the-owner'
  await insertArtifact(ctx.store.db, {
    kind: 'Session',
    id_hash: session,
    payload: '',
    grant_id: null,
    uid: session,
    user_code: null,
    user_id: owner.userId,
    client_id: null,
    created_at: ctx.clock(),
    expires_at: null,
  })
  const [consent] = await ctx.store.db.selectFrom('consents').select('id').execute()
  if (!consent) throw new Error('There is no consent')
  const created = await call('POST', '/connections', {
    name: 'Staff',
    strategy: 'auth0',
    enabled_clients: [automation, portal],
  })
  const newProvider = async (name: string, mapping: Record<string, string>, disable_signup = false) => {
    const { body } = await call('POST', '/connections', {
      name,
      strategy: 'oidc',
      options: { ...providerOptions(mapping), disable_signup },
    })
    return String(body['id'])
  }
  const mapped = await newProvider('Mapped', { admins: 'Mighty' }, true)
  const linked = await newProvider('Linked', {})
  await insertIdentity(ctx.store.db, {
    connectionId: linked,
    subject: 'owner',
    userId: owner.userId,
    profile: {},
    createdAt: ctx.clock(),
  })
  const linkedProvider = { id: linked, name: 'Linked' }
  const account = await addProviderUser(ctx, linkedProvider, 'plain')
  const strongAccount = await addProviderUser(ctx, linkedProvider, 'strong')
  await transaction(ctx, (tx) => assignPermissions(tx, strongAccount, grants))
  return {
    account,
    strongAccount,
    audience,
    connection,
    mapped,
    linked,
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
    session,
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

/** Options of a connection to another provider. @param mapping the names of roles, by the group that gives them */
export const providerOptions = (mapping: Record<string, string>) => ({
  client_id: 'rolecall',
  issuer: 'https://id.example.com',
  role_mapping: {
    claim: 'groups',
    roles: Object.entries(mapping).map(([value, role]) => ({ value, role })),
  },
})

const refs = (resource_server_identifier: string, permission_name: string) => ({
  permissions: [{ resource_server_identifier, permission_name }],
})
