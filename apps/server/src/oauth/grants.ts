import type { Grant, KoaContextWithOIDC } from 'oidc-provider'

/**
 * A new grant for each authorization, so that revoking one log-in's tokens leaves the user's others alone.
 * First-party applications have what they ask for; others wait for the user's consent, given page by page
 * (`interaction/consent.ts`), unless the same session has given it before.
 */
export async function loadGrant(request: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { oidc } = request
  const { client, account, session } = oidc
  if (!client || !account) return undefined
  const consented = oidc.result?.consent?.grantId ?? session?.grantIdFor(client.clientId)
  if (!client['first_party'] || asksForConsent(request))
    return consented ? oidc.provider.Grant.find(consented) : undefined

  const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope([...oidc.requestParamScopes].join(' '))
  for (const resource of Object.keys(oidc.resourceServers ?? {}))
    grant.addResourceScope(resource, [...oidc.requestParamScopes].join(' '))
  await grant.save()
  return grant
}

function asksForConsent({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.prompts.has('consent')
}
