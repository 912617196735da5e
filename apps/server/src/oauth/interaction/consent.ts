import type { FastifyReply, FastifyRequest } from 'fastify'
import { findApiByIdentifier } from '../../apis/store.ts'
import type { Context } from '../../context.ts'
import { issueCsrf } from '../../pages/csrf.ts'
import { pageHeaders } from '../../pages/headers.ts'
import { findUser } from '../../users/users.ts'
import { fromResource } from '../audience.ts'
import { consentPage } from '../pages/consent.ts'
import type { Protocol } from '../protocol.ts'
import { text, words } from '../request.ts'
import { protocolScopes } from '../resource-servers.ts'
import { finish } from './finish.ts'
import type { Scene } from './interaction.ts'

/** What an application that is not the tenant's own asks for, for the user to grant or refuse (RFC 6749 §4.1.1). */
interface Asked {
  scopes: string[]
  /** By API, as resource indicators. */
  permissions: Record<string, string[]>
}

function askedFor({ interaction }: Scene): Asked {
  const scopes = words(text(interaction.params, 'scope'))
  const resource = interaction.params['resource']
  const own = scopes.filter((scope) => !isProtocolScope(scope))
  return {
    scopes: scopes.filter(isProtocolScope),
    permissions: typeof resource === 'string' ? { [resource]: own } : {},
  }
}

export async function showConsent(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
): Promise<FastifyReply> {
  const { interaction, application, tenantName } = scene
  const asked = askedFor(scene)
  const user = await findUser(ctx.store.db, interaction.session?.accountId ?? '')
  const csrf = issueCsrf(ctx, interaction.uid, request.headers.cookie)
  const page = consentPage({
    frame: { tenant: tenantName, application: application.name },
    action: `/interaction/${interaction.uid}/consent`,
    csrf: csrf.token,
    email: user?.email ?? '',
    scopes: asked.scopes,
    apis: await describe(ctx, asked),
  })
  return reply
    .headers(pageHeaders({ leadsTo: text(interaction.params, 'redirect_uri') }))
    .header('set-cookie', csrf.setCookie)
    .send(page)
}

export async function decide(
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  scene: Scene,
  accepted: boolean,
): Promise<FastifyReply> {
  if (!accepted)
    return finish(protocol, request, reply, {
      error: 'access_denied',
      error_description: 'User did not authorize the request',
    })
  const { interaction, application } = scene
  const { Grant } = protocol.provider()
  const grant = new Grant({
    accountId: interaction.session?.accountId ?? '',
    clientId: application.clientId,
  })
  const asked = askedFor(scene)
  grant.addOIDCScope(asked.scopes.join(' '))
  for (const [resource, permissions] of Object.entries(asked.permissions))
    grant.addResourceScope(resource, [...asked.scopes, ...permissions].join(' '))
  return finish(protocol, request, reply, { consent: { grantId: await grant.save() } })
}

async function describe(ctx: Context, asked: Asked) {
  const apis = await Promise.all(
    Object.entries(asked.permissions).map(async ([resource, values]) => {
      const api = await findApiByIdentifier(ctx.store.db, fromResource(resource))
      const permissions = (api?.permissions ?? []).filter(({ value }) => values.includes(value))
      return { name: api?.name ?? fromResource(resource), permissions }
    }),
  )
  return apis.filter(({ permissions }) => permissions.length > 0)
}

function isProtocolScope(scope: string): boolean {
  return protocolScopes.some((known) => known === scope)
}
