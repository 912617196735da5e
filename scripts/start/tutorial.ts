import { createApi } from '../../apps/server/src/apis/apis.ts'
import { changedClientData } from '../../apps/server/src/applications/applications.ts'
import { createClientGrant } from '../../apps/server/src/applications/grants.ts'
import {
  createApplication,
  lockApplication,
  saveApplication,
} from '../../apps/server/src/applications/store.ts'
import { defaultConnectionName } from '../../apps/server/src/connections/connections.ts'
import { type Context, within } from '../../apps/server/src/context.ts'
import { hashPassword } from '../../apps/server/src/crypto/argon2.ts'
import { assignRoles } from '../../apps/server/src/roles/assignments.ts'
import { addPermissionsToRole } from '../../apps/server/src/roles/role-permissions.ts'
import { createRole } from '../../apps/server/src/roles/roles.ts'
import { recordChange } from '../../apps/server/src/store/changes.ts'
import { writeSetting } from '../../apps/server/src/tenant/store.ts'
import type { SystemObjects } from '../../apps/server/src/tenant/system-objects.ts'
import { createUser } from '../../apps/server/src/users/users.ts'
import type { Credentials, Login } from './credentials.ts'

/** The tutorial's identifier of the Hello World API. */
export const audience = 'https://hello-world.example.com'
const permission = { value: 'read:admin-messages', description: 'Read admin messages' }

/** The setting that remembers whether the first start made the tutorial's objects. */
export const tutorialSetting = 'tutorial'

/** Creates the tutorial's objects under its own names: all of them or, interrupted, none. */
export async function createTutorial(
  ctx: Context,
  { managementApi, ownerRole }: SystemObjects,
  { applications, users }: Credentials,
  clientUrl: string,
): Promise<void> {
  const [admin, member, owner] = await Promise.all([
    withHash(users.admin),
    withHash(users.member),
    withHash(users.owner),
  ])
  await ctx.store.transaction(async (tx) => {
    const inside = within(ctx, tx)
    const api = await createApi(inside, {
      identifier: audience,
      name: 'Hello World API Server',
      permissions: [permission],
      enforcePolicies: true,
      tokenDialect: 'access_token_authz',
      allowOfflineAccess: true,
      skipConsent: true,
    })
    const role = await createRole(inside, {
      name: 'messages-admin',
      description: 'Access admin messaging features',
    })
    await addPermissionsToRole(inside, role.id, [{ api: audience, permission: permission.value }])

    const { userId: adminId } = await createUser(inside, admin)
    await assignRoles(inside, adminId, [role.id])
    await createUser(inside, member)
    const { userId: ownerId } = await createUser(inside, owner)
    await assignRoles(inside, ownerId, [ownerRole.id])

    await createApplication(
      inside,
      { name: 'Hello World Client', app_type: 'spa', oidc_conformant: true, ...addresses(clientUrl) },
      { clientId: applications.spa.client_id },
    )
    const machine = (name: string, { client_id, client_secret }: Credentials['applications']['m2m']) =>
      createApplication(
        inside,
        { name, app_type: 'non_interactive', oidc_conformant: true, client_secret },
        { clientId: client_id },
      )
    await machine('Hello World Service', applications.m2m)
    await machine('Management Client', applications.management)
    await createClientGrant(inside, {
      clientId: applications.m2m.client_id,
      apiId: api.id,
      scope: [permission.value],
    })
    await createClientGrant(inside, {
      clientId: applications.management.client_id,
      apiId: managementApi.id,
      allowAllScopes: true,
    })
    await writeSetting(tx, tutorialSetting, { made: true }, ctx.clock())
  })
}

/** A client on another port than last time is another origin: its addresses are added to those it has. */
export async function allowClientAt(ctx: Context, clientId: string, clientUrl: string): Promise<void> {
  await ctx.store.transaction(async (tx) => {
    const application = await lockApplication(tx, clientId)
    if (!application) return
    const { callbacks, allowed_logout_urls, web_origins } = addresses(clientUrl)
    if (application.data.web_origins?.includes(clientUrl)) return
    const data = changedClientData(application.data, {
      callbacks: [...(application.data.callbacks ?? []), ...callbacks],
      allowed_logout_urls: [...(application.data.allowed_logout_urls ?? []), ...allowed_logout_urls],
      web_origins: [...(application.data.web_origins ?? []), ...web_origins],
    })
    await saveApplication(tx, { ...application, data, updatedAt: ctx.clock() })
    await recordChange(tx, 'application', clientId, ctx.clock())
  })
}

function addresses(clientUrl: string) {
  return {
    callbacks: [`${clientUrl}/callback`],
    allowed_logout_urls: [clientUrl],
    web_origins: [clientUrl],
  }
}

async function withHash({ email, password }: Login) {
  return {
    connection: defaultConnectionName,
    email,
    emailVerified: true,
    passwordHash: await hashPassword(password),
  }
}
