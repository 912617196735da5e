import { createApplication } from '../../apps/server/src/applications/applications.ts'
import { changedClientData } from '../../apps/server/src/applications/client-data.ts'
import { createClientGrant } from '../../apps/server/src/applications/grants.ts'
import { lockApplication, saveApplication } from '../../apps/server/src/applications/store.ts'
import { defaultConnectionName } from '../../apps/server/src/connections/connections.ts'
import type { Context } from '../../apps/server/src/context.ts'
import { hashPassword } from '../../apps/server/src/crypto/argon2.ts'
import { assignRoles } from '../../apps/server/src/roles/assignments.ts'
import { createTutorialRole } from '../../apps/server/src/seed/api-and-role.ts'
import { tutorial } from '../../apps/server/src/seed/tutorial.ts'
import { recordChange } from '../../apps/server/src/store/changes.ts'
import { transaction } from '../../apps/server/src/store/transaction.ts'
import type { SystemObjects } from '../../apps/server/src/system-objects.ts'
import { writeSetting } from '../../apps/server/src/tenant/store.ts'
import { createUser } from '../../apps/server/src/users/users.ts'
import type { Credentials, Login } from './credentials.ts'

/** The tutorial's identifier of the Hello World API. */
export const audience = tutorial.api.identifier

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
  await transaction(ctx, async (tx) => {
    const { api, role } = await createTutorialRole(tx, ctx.sealer, { skipConsent: true })

    const { userId: adminId } = await createUser(tx, admin)
    await assignRoles(tx, adminId, [role.id])
    await createUser(tx, member)
    const { userId: ownerId } = await createUser(tx, owner)
    await assignRoles(tx, ownerId, [ownerRole.id])

    await createApplication(
      tx,
      { name: 'Hello World Client', app_type: 'spa', oidc_conformant: true, ...addresses(clientUrl) },
      { clientId: applications.spa.client_id },
    )
    const machine = (name: string, { client_id, client_secret }: Credentials['applications']['m2m']) =>
      createApplication(
        tx,
        { name, app_type: 'non_interactive', oidc_conformant: true, client_secret },
        { clientId: client_id },
      )
    await machine('Hello World Service', applications.m2m)
    await machine('Management Client', applications.management)
    await createClientGrant(tx, {
      clientId: applications.m2m.client_id,
      apiId: api.id,
      scope: [tutorial.permission.value],
    })
    await createClientGrant(tx, {
      clientId: applications.management.client_id,
      apiId: managementApi.id,
      allowAllScopes: true,
    })
    await writeSetting(tx.db, tutorialSetting, { made: true }, tx.now)
  })
}

/** The application of the API reads its changes of authorization. A folder of an earlier version does not have it. */
export async function ensureApiApplication(
  ctx: Context,
  { client_id, client_secret }: Credentials['applications']['m2m'],
): Promise<void> {
  await transaction(ctx, async (tx) => {
    if (await lockApplication(tx.db, client_id)) return
    await createApplication(
      tx,
      {
        name: 'Hello World API',
        app_type: 'resource_server',
        resource_server_identifier: audience,
        grant_types: ['client_credentials'],
        oidc_conformant: true,
        client_secret,
      },
      { clientId: client_id },
    )
  })
}

/** A client on another port than last time is another origin: its addresses are added to those it has. */
export async function allowClientAt(ctx: Context, clientId: string, clientUrl: string): Promise<void> {
  await transaction(ctx, async (tx) => {
    const application = await lockApplication(tx.db, clientId)
    if (!application) return
    const { callbacks, allowed_logout_urls, web_origins } = addresses(clientUrl)
    if (application.data.web_origins?.includes(clientUrl)) return
    const data = changedClientData(application.data, {
      callbacks: [...(application.data.callbacks ?? []), ...callbacks],
      allowed_logout_urls: [...(application.data.allowed_logout_urls ?? []), ...allowed_logout_urls],
      web_origins: [...(application.data.web_origins ?? []), ...web_origins],
    })
    await saveApplication(tx.db, { ...application, data, updatedAt: tx.now })
    await recordChange(tx, 'application', clientId)
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
