import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Api, findApiByIdentifier } from '../../apis/store.ts'
import { protocolScopes } from '../../authorization/entitlement.ts'
import { recordConsent } from '../../consents/consents.ts'
import { findConsent } from '../../consents/store.ts'
import type { Context } from '../../context.ts'
import { issueCsrf } from '../../pages/csrf.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { transaction } from '../../store/transaction.ts'
import { findUser } from '../../users/store.ts'
import { fromResource } from '../audience.ts'
import { consentPage } from '../pages/consent.ts'
import { text, words } from '../request.ts'
import { finish } from './finish.ts'
import type { Scene } from './interaction.ts'

/** What an application requests, for the user to grant or refuse (RFC 6749 §4.1.1). */
interface Requested {
  api: Api | undefined
  /** Scopes of OpenID Connect. */
  protocolScopes: string[]
  /** Permissions of the API. */
  permissions: string[]
}

async function requestedBy(ctx: Context, { interaction }: Scene): Promise<Requested> {
  const scopes = words(text(interaction.params, 'scope'))
  const resource = text(interaction.params, 'resource')
  const api = resource ? await findApiByIdentifier(ctx.store.db, fromResource(resource)) : undefined
  const permissions = new Set(api?.permissions.map(({ value }) => value))
  return {
    api,
    protocolScopes: scopes.filter((scope) => protocolScopes.some((known) => known === scope)),
    permissions: scopes.filter((scope) => permissions.has(scope)),
  }
}

/** Without what the user has consented to before; all of it where the application requests the question itself. */
async function notYetGranted(ctx: Context, scene: Scene, requested: Requested): Promise<Requested> {
  const { interaction, application } = scene
  if (words(text(interaction.params, 'prompt')).includes('consent')) return requested
  const userId = interaction.session?.accountId ?? ''
  const { clientId } = application
  const consent = await findConsent(ctx.store.db, { userId, clientId, apiId: requested.api?.id })
  const isNew = (scope: string) => !consent?.scope.includes(scope)
  return {
    ...requested,
    protocolScopes: requested.protocolScopes.filter(isNew),
    permissions: requested.permissions.filter(isNew),
  }
}

export async function showConsent(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
): Promise<FastifyReply> {
  const { interaction, application, tenantName } = scene
  const { api, ...asked } = await notYetGranted(ctx, scene, await requestedBy(ctx, scene))
  const user = await findUser(ctx.store.db, interaction.session?.accountId ?? '')
  const csrf = issueCsrf(ctx, interaction.uid, request.headers.cookie)
  const page = consentPage({
    frame: { tenant: tenantName, application: application.name },
    action: `/interaction/${interaction.uid}/consent`,
    csrf: csrf.token,
    email: user?.email ?? '',
    scopes: asked.protocolScopes,
    api: api && {
      name: api.name,
      permissions: api.permissions.filter(({ value }) => asked.permissions.includes(value)),
    },
  })
  return reply
    .headers(pageHeaders({ leadsToApplication: true }))
    .header('set-cookie', csrf.setCookie)
    .send(page)
}

/** What is allowed is kept until it is taken back; a user who was deleted meanwhile is asked to log in by the protocol. */
export async function decide(
  ctx: Context,
  reply: FastifyReply,
  scene: Scene,
  accepted: boolean,
): Promise<FastifyReply> {
  if (!accepted)
    return finish(reply, scene.interaction, {
      error: 'access_denied',
      error_description: 'User did not authorize the request',
    })
  const { interaction, application } = scene
  const { api, ...granted } = await requestedBy(ctx, scene)
  const user = await findUser(ctx.store.db, interaction.session?.accountId ?? '')
  if (user)
    await transaction(ctx, (tx) =>
      recordConsent(tx, {
        userId: user.userId,
        clientId: application.clientId,
        apiId: api?.id,
        ...granted,
      }),
    )
  return finish(reply, interaction, { consent: {} })
}
