import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import { findApiByIdentifier } from '../apis/store.ts'
import { confirmConsent, findConsent } from '../consents/store.ts'
import type { Context } from '../context.ts'
import { fromResource } from './audience.ts'

/**
 * A new grant for each authorization, so that revoking one log-in's tokens leaves the user's others alone.
 * First-party applications get what they request. Others get what the user has consented to (`consents/`); undefined
 * where something requested is missing, which makes oidc-provider show the consent page.
 */
export function createLoadGrant(ctx: Context) {
  return async (request: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { oidc } = request
    const { client, account } = oidc
    if (!client || !account || oidc.promptPending('consent')) return undefined
    const wanted = client['first_party'] ? allRequested(request) : grantable(request)
    if (!client['first_party'] && !(await isConsented(ctx, request, wanted, findConsent))) return undefined

    const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId })
    grant.addOIDCScope(wanted.protocol.join(' '))
    for (const [resource, scopes] of Object.entries(wanted.byResource))
      grant.addResourceScope(resource, scopes.join(' '))
    await grant.save()
    if (client['first_party'] || (await isConsented(ctx, request, wanted, confirmConsent))) return grant
    // Taken back in between, by a deletion that could not see this grant yet.
    await grant.destroy()
    return undefined
  }
}

interface Wanted {
  /** Scopes of OpenID Connect. */
  protocol: string[]
  byResource: Record<string, string[]>
}

function allRequested({ oidc }: KoaContextWithOIDC): Wanted {
  const requested = [...oidc.requestParamScopes]
  const resources = Object.keys(oidc.resourceServers ?? {})
  return {
    protocol: requested,
    byResource: Object.fromEntries(resources.map((resource) => [resource, requested])),
  }
}

/** What there is of the request: a scope that no API has now must not be granted should one get it later. */
function grantable({ oidc }: KoaContextWithOIDC): Wanted {
  const servers = Object.entries(oidc.resourceServers ?? {})
  return {
    protocol: [...oidc.requestParamOIDCScopes],
    byResource: Object.fromEntries(
      servers.map(([resource, { scopes }]) => [
        resource,
        [...oidc.requestParamScopes].filter((scope) => scopes.has(scope)),
      ]),
    ),
  }
}

async function isConsented(
  ctx: Context,
  { oidc }: KoaContextWithOIDC,
  { protocol, byResource }: Wanted,
  find: typeof findConsent,
): Promise<boolean> {
  const userId = oidc.account?.accountId ?? ''
  const clientId = oidc.client?.clientId ?? ''
  const { db } = ctx.store
  const resources = Object.entries(byResource)
  const parts = resources.length > 0 ? resources : [[undefined, []] as const]
  for (const [resource, scopes] of parts) {
    const api = resource === undefined ? undefined : await findApiByIdentifier(db, fromResource(resource))
    const consent = await find(db, { userId, clientId, apiId: api?.id })
    if (!consent || ![...protocol, ...scopes].every((scope) => consent.scope.includes(scope))) return false
  }
  return true
}
